import type { RegistrationEvent } from '@onsignup/core'
import type { JsonObject } from './blocks.ts'
import { clean, escapeMrkdwn, escapeText } from './text.ts'

const LONGEST_VALUE = 300
const LONGEST_HEADER_NAME = 140

/** The first value that has something visible in it. */
const known = (...values: readonly (string | null)[]): string | undefined =>
  values.map((value) => clean(value ?? '')).find((value) => value !== '')

const fullName = ({ name, givenName, familyName }: RegistrationEvent['user']): string | undefined =>
  known(name, `${givenName ?? ''} ${familyName ?? ''}`)

/** One line for notifications, screen readers and lists: who signed up. */
export const defaultText = ({ user }: RegistrationEvent): string => {
  const name = fullName(user)
  const email = known(user.email)
  const who = name ?? email ?? known(user.username, user.phone, user.id) ?? 'somebody'
  const address = name !== undefined && email !== undefined ? ` (${escapeMrkdwn(email, LONGEST_VALUE)})` : ''
  return `New sign-up: ${escapeMrkdwn(who, LONGEST_VALUE)}${address}`
}

const plain = (escaped: string): JsonObject => ({ type: 'plain_text', text: escaped, emoji: false })

const ours = (text: string): JsonObject => ({ type: 'mrkdwn', text, verbatim: true })

const verified = (flag: boolean | null): string => {
  if (flag === null) return ''
  return flag ? ' (verified)' : ' (not verified)'
}

// Shown in each reader's own time zone: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
const when = (occurredAt: string): JsonObject => {
  const at = new Date(occurredAt)
  const fallback = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return ours(`<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} at {time}|${fallback}>`)
}

/** What is known of the sign-up, in the order of interest; with the time at most five, as Slack takes ten fields. */
const facts = ({ user, context }: RegistrationEvent): readonly (readonly [string, string])[] => {
  const email = known(user.email)
  const username = fullName(user) === undefined ? known(user.username) : undefined
  const phone = email === undefined ? known(user.phone) : undefined
  const id = (email ?? username ?? phone) === undefined ? known(user.id) : undefined
  const found: readonly (readonly [string, string | undefined, string?])[] = [
    ['E-mail', email, verified(user.emailVerified)],
    ['Username', username],
    ['Phone', phone],
    ['User ID', id],
    ['Connection', known(context.connection.name)],
    ['Tenant', known(user.tenant, context.connection.tenant)],
  ]
  return found.flatMap(([label, value, suffix = '']) =>
    value === undefined ? [] : [[label, escapeText(value, LONGEST_VALUE) + suffix] as const],
  )
}

/** A heading and two columns, bold labels and values; what is unknown is left out. Strangers' text is never mrkdwn. */
export const defaultBlocks = (event: RegistrationEvent): readonly JsonObject[] => {
  const name = fullName(event.user)
  const heading = name === undefined ? 'New sign-up' : `${escapeText(name, LONGEST_HEADER_NAME)} signed up`
  const fields = facts(event).flatMap(([label, value]) => [ours(`*${label}*`), plain(value)])
  return [
    { type: 'header', text: plain(heading) },
    { type: 'section', fields: [...fields, ours('*When*'), when(event.occurredAt)] },
  ]
}
