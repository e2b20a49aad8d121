import { flag, id, isObject, list, text } from '../json.ts'

/** An account that a user signs in with. */
export interface Identity {
  readonly provider: string
  readonly userId: string | null
  readonly connection: string | null
  readonly isSocial: boolean
}

/** A user's `identities`, of which a user_id may be a number. */
export const identitiesOf = (value: unknown): readonly Identity[] =>
  list(value)
    .filter(isObject)
    .map((identity) => ({
      provider: text(identity['provider']) ?? 'unknown',
      userId: id(identity['user_id']),
      connection: text(identity['connection']),
      isSocial: flag(identity['isSocial']) ?? false,
    }))
