import { OnSignupError, type Schema } from '@onsignup/core'
import { NAME, NAME_IN_WORDS, nearest } from '@onsignup/core/engine'
import { SOURCES, type Source, type SourceOptions } from '@onsignup/sources'

/** A source to compose. */
export interface SourceUse {
  readonly name: string
  /** The provider. */
  readonly uses: string
  /** What its schema takes in. */
  readonly options: unknown
}

const byProvider: ReadonlyMap<string, Source> = new Map(Object.entries(SOURCES))

/** Finds the source for a provider; throws an OnSignupError `source_unknown`. */
export const sourceOf = (provider: string): Source => {
  const source = byProvider.get(provider)
  if (source !== undefined) return source
  const providers = [...byProvider.keys()]
  throw new OnSignupError<'source_unknown'>('source_unknown', `there is no source for ${provider}`, {
    mend: `write ${nearest(provider, providers) ?? providers.join(' or ')}`,
  })
}

/** The options of the source for a provider; rejects as `sourceOf` throws. */
export const resolveSource = async (provider: string): Promise<Schema> => sourceOf(provider).options

/** The sources of code, as the composition root takes them; throws `options_invalid` for a name that is none. */
export const sourceUses = (sources: Readonly<Record<string, SourceOptions>>): readonly SourceUse[] =>
  Object.entries(sources).map(([name, { uses = name, ...options }]) => {
    if (NAME.test(name)) return { name, uses, options }
    const mend = `write ${NAME_IN_WORDS}`
    throw new OnSignupError('options_invalid', `sources: ${name} is no name for a source`, { mend })
  })
