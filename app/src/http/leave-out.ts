import type { Problem } from '@onsignup/core'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// Without these it would be the registration of somebody else, or of the same user a second time.
const WHO: ReadonlySet<string> = new Set([
  'user.id',
  'user.tenant',
  'user.isAnonymous',
  'context.connection.tenant',
])

/** The member that a problem is in, as user.identities for user.identities[0].provider; undefined: all of it. */
const memberOf = ({ path }: Problem): readonly string[] | undefined => {
  const names = path.split(/[.[]/)
  const member = names.slice(0, path.startsWith('context.connection.') ? 3 : 2)
  const isIn = member.length > 1 && (member[0] === 'user' || member[0] === 'context')
  return isIn && !WHO.has(member.join('.')) ? member : undefined
}

const without = (value: unknown, [name = '', ...inner]: readonly string[]): unknown => {
  if (!isObject(value)) return value
  const { [name]: member, ...others } = value
  return inner.length === 0 ? others : { ...others, [name]: without(member, inner) }
}

/** A registration without what is wrong in it; undefined where that is more than a member of its user or its context. */
export const leaveOut = (registration: unknown, problems: readonly Problem[]): unknown => {
  const members = problems.map(memberOf)
  if (members.length === 0) return undefined
  let rest = registration
  for (const member of members) {
    if (member === undefined) return undefined
    rest = without(rest, member)
  }
  return rest
}

/** A registration without its user's metadata. */
export const leaveOutMetadata = (registration: unknown): unknown =>
  isObject(registration) && isObject(registration['user'])
    ? { ...registration, user: { ...registration['user'], user_metadata: {}, app_metadata: {} } }
    : registration
