import { hash } from 'node:crypto'

/** Enough to tell the bodies of one delivery apart, which is all that it is for. */
const CHARACTERS = 12

/** What the history keeps of a body: the first characters of its SHA-256 in hex. */
export const hashOfSent = (body: string | Uint8Array): string =>
  hash('sha256', body, 'hex').slice(0, CHARACTERS)
