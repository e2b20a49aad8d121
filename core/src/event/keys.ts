import { hash as digest } from 'node:crypto'
import { parse, v5 as uuid5 } from 'uuid'
import type { RegistrationEvent } from './schema.ts'

// Any fixed UUID will do; this one is this project's, and changing it would change every event's id.
const NAMESPACE = parse('5b0d1c5e-8a5f-4a6e-9c3b-2f6d0f6e9a11')

/** What makes two publishes the same registration. Hashes, since a UNIQUE over a NULL tenant never fires. */
export interface EventKeys {
  /** Of the realm, the tenant, the user's canonical id, and whether the account is anonymous. */
  readonly user: string
  /** Of the realm and the provider's own event id; null without one. */
  readonly source: string | null
  /** Epoch milliseconds of the account's creation; null when the provider does not say. */
  readonly createdAt: number | null
}

const hash = (parts: readonly unknown[]): string =>
  digest('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)

/** Auth0's Hooks leave out the prefix that its event streams have; both name the same user. */
const canonicalUserId = (realm: string, id: string): string =>
  realm === 'auth0' && id.startsWith('auth0|') ? id.slice('auth0|'.length) : id

/** The identity of a user over every way in of one provider. */
const userKey = ({ source, user, context }: Omit<RegistrationEvent, 'id'>): string =>
  hash([
    source.provider,
    user.tenant ?? context.connection.tenant ?? '',
    canonicalUserId(source.provider, user.id),
    user.isAnonymous,
  ])

/** The user id of a payload that has none, as Auth0's own sample has none; undefined when nothing names the user. */
export const derivedUserId = (
  tenant: string | null,
  connection: string | null,
  names: readonly (string | null)[],
): string | undefined => {
  const name = names.find((candidate) => candidate !== null)
  return name === undefined ? undefined : `derived|${hash([tenant, connection, name.toLowerCase()])}`
}

/**
 * The event's id and keys. A test event is never a repeat of anything, so its `nonce` goes into all of them. A live event
 * may come after a historical one of the same registration, so that their ids differ.
 */
export const eventIdentity = (
  event: Omit<RegistrationEvent, 'id'>,
  nonce: () => string,
): { readonly id: string; readonly keys: EventKeys } => {
  const { provider, eventId, test, historical } = event.source
  const user = test ? hash(['test', nonce()]) : userKey(event)
  const occurrence = test ? user : (eventId ?? event.user.createdAt ?? '')
  const names = [provider, occurrence, user, ...(historical ? ['historical'] : [])]
  return {
    id: uuid5(Buffer.from(JSON.stringify(names)), NAMESPACE),
    keys: {
      user,
      source: eventId === null || test ? null : hash([provider, eventId]),
      createdAt: event.user.createdAt === null ? null : Date.parse(event.user.createdAt),
    },
  }
}

/**
 * The key of a delivery, the same over all its attempts: of the event, the connector and the generation, which a
 * forced repeat raises. Made of names, so that a preview shows the key that is then sent, and the names of before a
 * rename, so that a repeat after it has the key of the first try.
 */
export const idempotencyKey = (
  event: string,
  { keyName, uses }: { readonly keyName: string; readonly uses: string },
  generation: number,
): string => digest('sha256', JSON.stringify([event, keyName, uses, generation]), 'hex').slice(0, 32)
