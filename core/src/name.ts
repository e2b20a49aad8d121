/** What the name of a connector or a source looks like. */
export const NAME = /^[a-z][a-z0-9_-]{0,62}$/

/** What a name looks like, in words. */
export const NAME_IN_WORDS = 'a small letter, then at most 62 small letters, digits, - and _'
