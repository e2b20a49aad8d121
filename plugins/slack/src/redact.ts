/** Characters of a foreign message that are passed on. */
export const LONGEST_TOLD = 300

/** Takes secrets, and what looks like a Slack token, out of foreign text. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== '')
    .reduce((left, secret) => left.replaceAll(secret, '***'), text)
    .replace(/\bxox[a-z.]*-[\w-]+/g, '***')

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

/**
 * A copy of a foreign error that is safe to keep: messages redacted and short, codes and causes kept, and none of the
 * request, headers or body that SDKs hang onto their errors.
 */
export const safeCause = (error: unknown, secrets: readonly string[], depth = 3): Error | undefined => {
  if (!(error instanceof Error) || depth === 0) return undefined
  const cause = safeCause(error.cause, secrets, depth - 1)
  const message = redact(error.message, secrets).slice(0, LONGEST_TOLD)
  const copy = new Error(message, cause === undefined ? undefined : { cause })
  copy.name = error.name
  // It would point here.
  delete copy.stack
  const code = codeOf(error)
  return code === undefined ? copy : Object.assign(copy, { code })
}
