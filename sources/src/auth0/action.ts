import { id, isObject, named, object, text, time, type JsonObject } from '../json.ts'
import { identitiesOf } from './identities.ts'
import { sourceOf, unreadable, type Item, type Settings } from './item.ts'
import { profileOf } from './profile.ts'
import { strategyOf } from './strategy.ts'

/** Whether it is the `event` of an Action, whose user has Auth0's own name of the id. */
export const isActionEvent = (value: JsonObject): boolean =>
  isObject(value['user']) && 'user_id' in value['user']

/**
 * Reads the `event` that an Action forwards. Of the trigger post-user-registration it has neither client nor
 * organization, of post-login both: https://auth0.com/docs/actions/triggers (2026-11).
 */
export const readActionEvent = (event: JsonObject, settings: Settings): Item => {
  const user = object(event['user'])
  const connection = object(event['connection'])
  const request = object(event['request'])
  const client = object(event['client'])
  const organization = object(event['organization'])
  // Of the trigger post-login only.
  const identities = identitiesOf(user['identities'])
  const userId = id(user['user_id'])
  if (userId === null) return unreadable(null, 'user.user_id is empty')
  const tenant = id(object(event['tenant'])['id']) ?? settings.tenant
  const createdAt = time(user['created_at'])
  return {
    kind: 'registration',
    registration: {
      occurredAt: createdAt,
      source: sourceOf(settings, { eventType: 'action', eventId: null }),
      user: { id: userId, tenant, ...profileOf(user), createdAt, identities: [...identities] },
      context: {
        connection: {
          id: id(connection['id']),
          name: text(connection['name']),
          tenant,
          strategy: strategyOf({ strategy: connection['strategy'], isSocial: identities[0]?.isSocial }),
        },
        requestLanguage: text(request['language']),
        request: { ip: text(request['ip']), userAgent: text(request['user_agent']) },
        client: named(client['client_id'], client['name']),
        organization: named(organization['id'], organization['display_name'] ?? organization['name']),
      },
    },
  }
}
