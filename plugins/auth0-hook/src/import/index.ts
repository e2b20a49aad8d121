import { refused } from './errors.ts'
import type { Mappings } from './keywords.ts'
import { readExport } from './read.ts'
import type { NotTaken } from './not-taken.ts'
import { select, type ExportedScript } from './select.ts'

export { ExportError, type ExportErrorCode } from './errors.ts'
export { readMappings, type Mappings } from './keywords.ts'
export type { NeededModule, Note } from './notes.ts'
export { plan, type Place, type PlannedConnector, type PlannedSecret } from './plan.ts'
export type { NotTaken } from './not-taken.ts'
export type { ExportedSecret } from './listed.ts'
export type { ExportedScript } from './select.ts'
export { visible } from './visible.ts'

/** The post-user-registration scripts of an export, in the order in which they ran, and what else it has. */
export interface Auth0Export {
  /** As `deploy-cli YAML`. */
  readonly format: string
  readonly scripts: readonly ExportedScript[]
  readonly notTaken: readonly NotTaken[]
}

/**
 * Reads the Hooks and Actions of an Auth0 export: deploy-cli (YAML or directory), answers of the Management API, Terraform
 * and its state. Reads nothing outside of the folder, and no value of a secret leaves it but as `meaning`. Throws
 * ExportError with all that is refused.
 */
export const readAuth0Export = async (path: string, mappings: Mappings = {}): Promise<Auth0Export> => {
  const entries = await readExport(path, mappings)
  const { scripts, notTaken, refusals } = await select(entries)
  if (refusals.length > 0) throw refused(path, refusals)
  return { format: entries.format, scripts, notTaken }
}
