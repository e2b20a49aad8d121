import { relative } from 'node:path'
import { visible, type Auth0Export, type Note, type PlannedConnector } from '@onsignup/auth0-hook/import'
import { print, styled, type Output } from '../output.ts'
import { lacks, type Write } from './writes.ts'
import type { Target } from './place.ts'

/** What an import came to, or would come to. */
export interface Imported {
  readonly exported: Auth0Export
  readonly planned: readonly PlannedConnector[]
  readonly writes: readonly Write[]
  readonly target: Target
  readonly isDryRun: boolean
}

const here = (path: string): string => relative(process.cwd(), path) || path

const noteLine = (file: string, { line, what, mend }: Note): string =>
  `${line === undefined ? '' : `${file}:${line}  `}${what}${mend === undefined ? '' : ` → ${mend}`}`

const stateOf = ({ isThere, script: { on } }: PlannedConnector): string => {
  if (on) return isThere ? 'there already, left as it is' : 'on'
  return isThere ? 'off at Auth0; there already, left as it is' : 'off: written as a comment'
}

const connectorLines = (planned: PlannedConnector, target: Target): readonly string[] => {
  const { name, script, file, modules, secrets, notes } = planned
  const versions = modules.map((each) => `${each.name} ${each.version ?? '(any version)'}`)
  const variables = secrets.map((each) =>
    each.variable === each.name ? each.name : `${each.name} (as ${each.variable})`,
  )
  const missing = lacks(planned, target)
  return [
    `  ${name}  ${script.what} ${JSON.stringify(script.name)}, ${stateOf(planned)}`,
    ...(versions.length === 0 ? [] : [`    modules  ${versions.join(', ')}`]),
    ...(variables.length === 0 ? [] : [`    secrets  ${variables.join(', ')}`]),
    ...notes.map((note) => `    ${noteLine(file, note)}`),
    ...secrets
      .filter(({ isWritten }) => isWritten)
      .map(
        (each) => `    the export holds the value of ${each.name}: it was left out → better make a new one`,
      ),
    ...(missing.length === 0
      ? []
      : [`    its connector lacks ${missing.join(', ')} → add what it needs by hand`]),
  ]
}

const nextSteps = ({ planned, writes, target, isDryRun }: Imported): readonly string[] => {
  if (isDryRun) return ['import it without --dry-run']
  const on = planned.filter(({ script }) => script.on)
  const variables = [...new Set(on.flatMap(({ secrets }) => secrets.map(({ variable }) => variable)))]
  const example = writes.find(({ path }) => path.endsWith('.env.example'))
  const config = here(target.config)
  const option = config === 'onsignup.yaml' ? '' : ` --config ${config}`
  return [
    ...(variables.length === 0 || example === undefined
      ? []
      : [`give values to ${variables.join(', ')} in .env; ${here(example.path)} is for copying`]),
    ...(on.some(({ modules }) => modules.length > 0) ? [`onsignup hooks install${option}`] : []),
    `onsignup check${option}`,
  ]
}

/** Prints what was taken, what was not and why, what was written, and what is left to do. */
export const printImport = (imported: Imported, output: Output): void => {
  const { exported, planned, writes, target, isDryRun } = imported
  const line = (text = ''): void => print(output, visible(text))
  const heading = (text: string): void => print(output, styled(output.stdout, 'bold', text))
  line(exported.format)
  if (planned.length > 0) {
    heading('taken')
    for (const each of planned) for (const text of connectorLines(each, target)) line(text)
  }
  if (exported.notTaken.length > 0) {
    heading('not taken')
    for (const { what, where, why, mend } of exported.notTaken) line(`  ${what}  ${where}  ${why} → ${mend}`)
  }
  if (planned.length === 0) {
    line('nothing of it runs after a registration; nothing was written')
    return
  }
  heading(isDryRun ? 'would be written' : 'written')
  for (const { path, how } of writes) line(`  ${how.padEnd(11)}  ${here(path)}`)
  heading('to do')
  for (const [index, text] of nextSteps(imported).entries()) line(`  ${index + 1}. ${text}`)
}
