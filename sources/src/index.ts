import { auth0 } from './auth0.ts'
import type { Source } from './contract.ts'

export { answerSaid, extensibilityPoint, type Said } from './auth0/extensibility-point.ts'

export type {
  Acceptance,
  Answer,
  Endpoint,
  Found,
  Head,
  Reading,
  Received,
  Refusal,
  Source,
  Unreadable,
} from './contract.ts'

/** Every source, by the name of its provider. */
export const SOURCES: Readonly<Record<string, Source>> = { auth0 }
