import { OnSignupError, type Schema } from '@onsignup/core'
import { nearest } from '@onsignup/core/engine'
import { SOURCES, type Source } from '@onsignup/sources'

/** Finds the source for a provider; throws an OnSignupError `source_unknown`. */
export const sourceOf = (provider: string): Source => {
  const source = Object.hasOwn(SOURCES, provider) ? SOURCES[provider] : undefined
  if (source !== undefined) return source
  const providers = Object.keys(SOURCES)
  throw new OnSignupError<'source_unknown'>('source_unknown', `there is no source for ${provider}`, {
    mend: `write ${nearest(provider, providers) ?? providers.join(' or ')}`,
  })
}

/** The options of the source for a provider; rejects as `sourceOf` throws. */
export const resolveSource = async (provider: string): Promise<Schema> => sourceOf(provider).options
