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
export const SOURCES = { auth0 } satisfies Readonly<Record<string, Source>>

type Sources = typeof SOURCES
type OptionsOf<S> = S extends Source<infer Options> ? Options : never

/** What the YAML says of a source: its provider's options, and the provider where the name is another. */
export type SourceOptions = {
  [P in keyof Sources]: OptionsOf<Sources[P]> & { readonly uses?: P }
}[keyof Sources]
