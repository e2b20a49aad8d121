import { resolve } from 'node:path'
import { outlineConnectors } from '@onsignup/config'
import { OnSignupError } from '@onsignup/core'
import { renameConnector } from '@onsignup/core/engine'
import { createSqliteStore } from '@onsignup/store'
import { readService } from '../service.ts'
import { CommandError, EXIT, print, type Output } from '../output.ts'

export interface RenameOptions {
  readonly config: string
  readonly uses?: string
}

/** Opens a store on which no engine works, since one has the names in its memory. */
const openStore = async (path: string) => {
  const store = createSqliteStore({ path, existing: true })
  try {
    await store.open(Date.now())
  } catch (error) {
    if (!(error instanceof OnSignupError) || error.code !== 'store_locked') throw error
    const mend = 'a connector is renamed while its service is stopped: stop it, run this again, then start it'
    throw new OnSignupError(error.code, error.message, { mend, cause: error })
  }
  return store
}

/** What is left to do, by what the file says of the two names. */
const nextStep = async (config: string, from: string, to: string): Promise<string> => {
  const { connectors } = await outlineConnectors(config, process.env)
  const has = (name: string) => connectors.some((each) => each.name === name)
  if (has(to)) {
    return has(from)
      ? `the file has ${from} too: at the next start it is a new connector`
      : 'start the service'
  }
  return has(from)
    ? `${resolve(config)} still has ${from}: write ${to} there, or it is a new connector at the next start`
    : `the file has neither: what waits of ${to} goes on when it has ${to}`
}

/** Gives a connector of the stopped service's store another name. */
export const rename = async (
  from: string,
  to: string,
  { config, uses }: RenameOptions,
  output: Output,
): Promise<number> => {
  if (from === to) throw new CommandError(EXIT.usage, `${from} has that name already`, 'name another')
  const store = await openStore((await readService(config)).store)
  try {
    const renamed = await renameConnector(store, { from, to, ...(uses !== undefined && { uses }) })
    print(output, `${from} is ${to} now (${renamed.uses}): deliveries, history and idempotency keys follow`)
  } finally {
    await store.close()
  }
  print(output, `next: ${await nextStep(config, from, to)}`)
  return EXIT.ok
}
