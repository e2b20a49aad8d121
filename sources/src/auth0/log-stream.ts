import { id, isObject, named, object, text, time, type JsonObject } from '../json.ts'
import { sourceOf, unreadable, type Item, type Settings } from './item.ts'
import { profileOf } from './profile.ts'
import { strategyOf } from './strategy.ts'

// https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes (2026-11)
const SUCCESSFUL_SIGNUP = 'ss'

/** Whether it is a record of a log stream. */
export const isLogRecord = (value: JsonObject): boolean => isObject(value['data']) && 'log_id' in value

const organizationOf = (data: JsonObject, body: JsonObject) => {
  const form = object(body['organization'])
  return named(
    data['organization_id'] ?? form['id'],
    data['organization_name'] ?? form['display_name'] ?? form['name'],
  )
}

/** Reads a record of a log stream; `details.body` is what the sign-up form sent, and may be missing. */
export const readLogRecord = (record: JsonObject, settings: Settings): Item => {
  const data = object(record['data'])
  const logId = id(record['log_id']) ?? id(data['log_id'])
  if (data['type'] !== SUCCESSFUL_SIGNUP) return { kind: 'ignored' }
  const body = object(object(data['details'])['body'])
  const { email, username, ...profile } = profileOf({ email: data['user_name'], ...body })
  const userId = id(data['user_id']) ?? id(body['user_id'])
  const names = [userId, email, username, profile.phone]
  if (names.every((name) => name === null)) return unreadable(logId, 'it names no user')
  const tenant = text(body['tenant']) ?? text(data['tenant_name']) ?? settings.tenant
  return {
    kind: 'registration',
    registration: {
      occurredAt: time(data['date']),
      source: sourceOf(settings, { eventType: SUCCESSFUL_SIGNUP, eventId: logId }),
      // It has no time of the account's creation, and the record's own would not be exactly that of an Event Stream.
      user: { id: userId, tenant, email, username, ...profile },
      context: {
        connection: {
          id: id(data['connection_id']),
          name: text(data['connection']) ?? text(body['connection']),
          tenant,
          strategy: strategyOf({ strategy: data['strategy'], type: data['strategy_type'] }),
        },
        origin: 'self',
        requestLanguage: text(body['request_language']),
        request: { ip: text(data['ip']), userAgent: text(data['user_agent']) },
        client: named(data['client_id'] ?? body['client_id'], data['client_name']),
        organization: organizationOf(data, body),
      },
    },
  }
}
