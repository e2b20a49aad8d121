import { relative, resolve } from 'node:path'
import { outlineConnectors } from '@onsignup/config'
import {
  detectPackageManager,
  installModules,
  lookAtModules,
  ManifestError,
  planModules,
  writeManifest,
  type FolderPlan,
  type PackageManager,
  type ScriptWithDependencies,
} from '@onsignup/auth0-hook/modules'
import { z } from 'zod'
import { columns, CommandError, EXIT, print, styled, type Output } from '../output.ts'

export interface InstallOptions {
  readonly config: string
  readonly packageManager?: PackageManager
}

/** What of an auth0-hook connector's options is about modules; for the rest somebody would need the secrets. */
export const scriptSchema = z.looseObject({
  script: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  configuration: z.unknown().optional(),
})

const here = (path: string): string => relative(process.cwd(), path) || '.'

/** The scripts of the file's auth0-hook connectors. */
const scriptsOf = async (config: string): Promise<readonly ScriptWithDependencies[]> => {
  const { folder, connectors } = await outlineConnectors(config, process.env)
  return connectors
    .filter(({ uses }) => uses === 'auth0-hook')
    .map(({ name, with: options }) => {
      const { success, data, error } = scriptSchema.safeParse(options)
      if (!success) {
        const wrong = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
        throw new CommandError(
          EXIT.usage,
          `connectors.${name}.with: ${wrong.join('; ')}`,
          'correct it; onsignup check tells more',
        )
      }
      return { file: resolve(folder, data.script), dependencies: data.dependencies }
    })
}

const plansOf = (scripts: readonly ScriptWithDependencies[]): readonly FolderPlan[] => {
  try {
    return planModules(scripts)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(EXIT.usage, `a script cannot be read: ${why}`, 'correct the path in with.script')
  }
}

const write = (plan: FolderPlan): boolean => {
  try {
    return writeManifest(plan)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    const file = here(resolve(plan.folder, 'package.json'))
    throw new CommandError(
      EXIT.usage,
      `${file} cannot be kept: ${error.message}`,
      'correct it or take it away',
    )
  }
}

/** Tells what is there now; whether nothing is missing. */
const tell = (plan: FolderPlan, output: Output): boolean => {
  const { modules, missing } = lookAtModules(plan)
  const rows = columns(
    modules.map(({ name, version, installedAs, found }) => [
      version === undefined ? name : `${name}@${version}`,
      found ?? 'not there',
      installedAs === name ? '' : `as ${installedAs}`,
    ]),
  )
  for (const [index, row] of rows.entries()) {
    const isThere = modules[index]?.found !== undefined
    print(
      output,
      `${styled(output.stdout, isThere ? 'green' : 'red', isThere ? 'installed' : 'missing  ')}  ${row}`,
    )
  }
  for (const { installedAs } of modules.filter(({ unbuilt }) => unbuilt)) {
    const mend = `if it needs it: npm rebuild ${installedAs}, in ${here(plan.folder)}`
    print(output, `${installedAs} has an install script, which was not run → ${mend}`)
  }
  const manifest = here(resolve(plan.folder, 'package.json'))
  for (const { installedAs, missingPeers } of modules) {
    for (const { name, range } of missingPeers) {
      const mend = `add "${name}": ${JSON.stringify(range)} to the dependencies in ${manifest}, and run: onsignup hooks install`
      print(output, `${installedAs} needs ${name} beside it, which is not there → ${mend}`)
    }
  }
  for (const { message, mend } of missing)
    print(output, `${styled(output.stdout, 'red', 'missing')}    ${message} → ${mend}`)
  return missing.length === 0 && modules.every(({ found }) => found !== undefined)
}

const installInto = async (plan: FolderPlan, options: InstallOptions, output: Output): Promise<boolean> => {
  const isWritten = write(plan)
  if (plan.wanted.length === 0 && !isWritten) {
    print(output, `${here(plan.folder)}: its scripts need no modules`)
    return true
  }
  const manifest = here(resolve(plan.folder, 'package.json'))
  print(output, isWritten ? `${manifest} is written` : `${manifest} stays as it is`)
  const manager =
    options.packageManager ?? detectPackageManager(plan.folder, process.env['npm_config_user_agent'])
  const installed = await installModules(plan.folder, manager, (text) => void output.stderr.write(text))
  if (installed.how === 'not started') {
    throw new CommandError(
      EXIT.failed,
      `${manager} cannot be started`,
      'install it, or name another with --package-manager',
    )
  }
  if (installed.how === 'failed') {
    const why = installed.code === null ? 'was ended' : `ended with ${installed.code}`
    throw new CommandError(EXIT.failed, `${installed.command} ${why}`, 'what it said is above')
  }
  return tell(plan, output)
}

/** Why a folder's modules cannot be installed as they are asked for. */
const wrongIn = ({ scripts, refused }: FolderPlan): readonly string[] => [
  ...refused.map(
    ({ file, line, request, why }) =>
      `${here(file)}${line === undefined ? '' : `:${line}`}: ${request} cannot be installed: ${why}`,
  ),
  ...scripts.flatMap(({ file, analysis: { syntaxError } }) =>
    syntaxError === undefined
      ? []
      : [`${here(file)}:${syntaxError.line}:${syntaxError.column}: ${syntaxError.message}`],
  ),
]

/** Installs the modules that the scripts of a configuration require, each beside its script. */
export const installHooks = async (options: InstallOptions, output: Output): Promise<number> => {
  const scripts = await scriptsOf(options.config)
  if (scripts.length === 0) {
    print(output, `${options.config} has no connector that uses auth0-hook`)
    return EXIT.ok
  }
  const plans = plansOf(scripts)
  const wrong = plans.flatMap(wrongIn)
  if (wrong.length > 0) {
    throw new CommandError(EXIT.usage, wrong.join('\n'), 'correct it; nothing was installed')
  }
  let good = true
  for (const plan of plans) good = (await installInto(plan, options, output)) && good
  return good ? EXIT.ok : EXIT.failed
}
