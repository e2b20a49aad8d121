import type { RegistrationEvent } from '@onsignup/core'

// Longer values are nobody's languages.
const LONGEST = 1_000

/** A language tag (BCP 47) as it is written: pt-BR for pt_br; undefined when it is none. */
export const canonicalLanguage = (tag: string): string | undefined => {
  try {
    // OpenID and POSIX write de_AT and de_AT.UTF-8.
    return Intl.getCanonicalLocales(
      tag
        .trim()
        .replaceAll('_', '-')
        .replace(/[.@].*$/, ''),
    )[0]
  } catch {
    return undefined
  }
}

interface Wish {
  readonly tag: string
  readonly quality: number
}

const wishOf = (part: string): Wish[] => {
  const [range = '', ...parameters] = part.split(';')
  const quality = parameters.map((text) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(text)?.[1]).find(Boolean)
  const tag = canonicalLanguage(range)
  const wish = { tag: tag ?? '', quality: quality === undefined ? 1 : Number(quality) }
  return tag === undefined || !(wish.quality > 0) ? [] : [wish]
}

/** The languages of a tag or of an Accept-Language list (RFC 9110, 12.5.4), the dearest first. */
const wishes = (value: string | null): readonly string[] =>
  (value ?? '')
    .slice(0, LONGEST)
    .split(',')
    .flatMap(wishOf)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)

/** RFC 4647, 3.4: the tag, then without its last part, until there is one. */
const lookUp = (tag: string, available: ReadonlySet<string>): string | undefined => {
  const parts = tag.split('-')
  while (parts.length > 0) {
    const shorter = parts.join('-')
    if (available.has(shorter)) return shorter
    parts.pop()
    // A single letter begins what follows it, and means nothing at the end.
    if (parts.at(-1)?.length === 1) parts.pop()
  }
  return undefined
}

/** Which of the available languages a user reads, by `user.locale`, then the sign-up request; undefined for none. */
export const languageFor = (
  { user, context }: RegistrationEvent,
  available: ReadonlySet<string>,
): string | undefined => {
  for (const tag of [...wishes(user.locale), ...wishes(context.requestLanguage)]) {
    const found = lookUp(tag, available)
    if (found !== undefined) return found
  }
  return undefined
}
