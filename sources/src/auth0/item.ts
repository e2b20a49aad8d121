import type { RegistrationInput } from '@onsignup/core'
import type { User } from './profile.ts'

type Registration = Omit<RegistrationInput, 'user'> & { readonly user: User }

/** What one of the things in a payload is. */
export type Item =
  | { readonly kind: 'registration'; readonly registration: Registration }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unreadable'; readonly eventId: string | null; readonly why: string }

/** What the payload does not say, and the operator does. */
export interface Settings {
  /** The operator's name of the source. */
  readonly name: string
  /** Null: it must be in the payload. */
  readonly tenant: string | null
}

export const unreadable = (eventId: string | null, why: string): Item => ({
  kind: 'unreadable',
  eventId,
  why,
})

type Source = NonNullable<RegistrationInput['source']>

/** The event's `source`, in the realm that all of Auth0's ways in share. */
export const sourceOf = (
  { name }: Settings,
  of: { readonly eventType: string; readonly eventId: string | null; readonly test?: boolean },
): Source => ({ id: name, provider: 'auth0', verifiedBy: 'static-secret', test: false, ...of })
