import { z } from 'zod'
import type { WantedModule } from './wanted.ts'

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()).optional(),
  onsignup: z
    .looseObject({
      // A list of names is of a version that did not keep what it wrote.
      modules: z.union([z.record(z.string(), z.string()), z.array(z.string())]).optional(),
    })
    .optional(),
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

const sorted = (entries: readonly [string, string][]): [string, string][] =>
  entries.toSorted(([one], [other]) => (one < other ? -1 : 1))

const NEW = `${JSON.stringify({ private: true, description: 'Modules of the scripts in this folder, for onsignup.' })}\n`

/** What was written here before, by name; of what is wanted and was kept without a specifier, what would be written now. */
const writtenBefore = (
  { dependencies = {}, onsignup = {} }: z.infer<typeof manifestSchema>,
  wanted: ReadonlyMap<string, string>,
): ReadonlyMap<string, string | undefined> => {
  const { modules = {} } = onsignup
  return Array.isArray(modules)
    ? new Map(modules.map((name) => [name, wanted.get(name) ?? dependencies[name]]))
    : new Map(Object.entries(modules))
}

/**
 * The text of a package.json with the modules that scripts want. What its owner wrote or changed stays, and wins; what
 * is as it was written here, which `onsignup.modules` keeps, changes and goes with what the scripts want.
 * Throws ManifestError for a text that is no package.json.
 */
export const manifestWith = (text: string | undefined, wanted: readonly WantedModule[]): string => {
  const manifest = read(text ?? NEW)
  const { dependencies = {}, onsignup = {} } = manifest
  const specifiers = new Map(wanted.map(({ installedAs, specifier }) => [installedAs, specifier]))
  const before = writtenBefore(manifest, specifiers)
  const own = Object.entries(dependencies).filter(([name, specifier]) => before.get(name) !== specifier)
  const names = new Set(own.map(([name]) => name))
  const ours = sorted([...specifiers].filter(([name]) => !names.has(name)))
  const written = {
    ...manifest,
    dependencies: Object.fromEntries(sorted([...own, ...ours])),
    onsignup: { ...onsignup, modules: Object.fromEntries(ours) },
  }
  return `${JSON.stringify(written, null, 2)}\n`
}
