import { id, isObject, named, object, text, time, type JsonObject } from '../json.ts'
import { identitiesOf, type Identity } from './identities.ts'
import { sourceOf, unreadable, type Item, type Settings } from './item.ts'
import { profileOf } from './profile.ts'
import { strategyOf } from './strategy.ts'

// https://auth0.com/docs/events/user/user.created (2026-11); an older page has the second name.
const CREATED = new Set(['user.created', 'com.auth0.user.created'])

/** Whether it is an event of an Event Stream: a CloudEvent. */
export const isStreamEvent = (value: JsonObject): boolean =>
  ('specversion' in value || 'spec_version' in value) && typeof value['type'] === 'string'

const userIdOf = (user: JsonObject, first: Identity | undefined): string | null =>
  id(user['user_id']) ?? (first?.userId ? `${first.provider}|${first.userId}` : null)

/** Reads an event of an Event Stream, of which the schema's `data.context` may be missing, and is in test events. */
export const readStreamEvent = (event: JsonObject, settings: Settings): Item => {
  const eventId = id(event['id'])
  const eventType = text(event['type']) ?? ''
  if (!CREATED.has(eventType)) return { kind: 'ignored' }
  const data = object(event['data'])
  const user = object(data['object'])
  const context = object(data['context'])
  const connection = object(context['connection'])
  const request = object(context['request'])
  const client = object(context['client'])
  const identities = identitiesOf(user['identities'])
  const [first] = identities
  const userId = userIdOf(user, first)
  if (userId === null) return unreadable(eventId, 'data.object has no user_id')
  const tenant = text(event['a0tenant']) ?? id(object(context['tenant'])['id']) ?? settings.tenant
  return {
    kind: 'registration',
    registration: {
      occurredAt: time(event['time']),
      source: sourceOf(settings, { eventType, eventId, test: event['a0purpose'] === 'test' }),
      user: {
        id: userId,
        tenant,
        ...profileOf(user),
        createdAt: time(user['created_at']),
        identities: [...identities],
      },
      context: {
        connection: {
          id: id(connection['id']),
          name: text(connection['name']) ?? first?.connection,
          tenant,
          strategy: strategyOf({
            strategy: connection['strategy'] ?? first?.provider,
            isSocial: first?.isSocial,
          }),
        },
        // Somebody was there to make a request, or Auth0 does not say.
        origin: isObject(context['request']) ? 'self' : 'unknown',
        request: { ip: text(request['ip']), userAgent: text(request['user_agent']) },
        client: named(client['id'], client['name']),
      },
    },
  }
}
