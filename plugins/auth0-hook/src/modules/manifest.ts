import { z } from 'zod'
import type { WantedModule } from './wanted.ts'

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).optional(),
  onsignup: z.looseObject({ modules: z.array(z.string()).optional() }).optional(),
})

/** The manifest that is there is no package.json that can be kept. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
}

const read = (text: string): z.infer<typeof manifestSchema> => {
  try {
    const manifest: unknown = JSON.parse(text)
    // In the order of the file, which a schema changes.
    return { ...Object(manifest), ...manifestSchema.parse(manifest) }
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    throw new ManifestError(`it is no package.json: ${why}`, { cause })
  }
}

const NEW = `${JSON.stringify({ private: true, description: 'Modules of the scripts in this folder, for onsignup.' })}\n`

/**
 * The text of a package.json with the modules that scripts want. What its owner wrote stays, and wins; what was
 * written here before, which `onsignup.modules` lists, goes when no script wants it any more.
 * Throws ManifestError for a text that is no package.json.
 */
export const manifestWith = (text: string | undefined, wanted: readonly WantedModule[]): string => {
  const manifest = read(text ?? NEW)
  const { dependencies = {}, onsignup = {} } = manifest
  const before = new Set(onsignup.modules)
  const own = Object.entries(dependencies).filter(([name]) => !before.has(name))
  const names = new Set(own.map(([name]) => name))
  const ours = wanted
    .filter(({ installedAs }) => !names.has(installedAs))
    // A version that its owner set of what is ours stays too.
    .map(({ installedAs, version, specifier }): [string, string] => [
      installedAs,
      (version === undefined && before.has(installedAs) ? dependencies[installedAs] : undefined) ?? specifier,
    ])
  const all = [...own, ...ours].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const written = {
    ...manifest,
    dependencies: Object.fromEntries(all),
    onsignup: { ...onsignup, modules: ours.map(([name]) => name).toSorted() },
  }
  return `${JSON.stringify(written, null, 2)}\n`
}
