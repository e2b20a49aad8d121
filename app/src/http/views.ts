import { anotherBody, type DeliveryView } from '@onsignup/core/engine'

/** A time as RFC 3339 in UTC. */
export const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A delivery as the API answers it. */
export const deliveryJson = ({ id, event, connector, state, user, due, reason, attempts }: DeliveryView) => {
  const another = anotherBody(attempts)
  return {
    id,
    event,
    connector,
    state,
    user,
    next_attempt_at: time(due),
    reason,
    attempts: attempts.map((attempt) => {
      const { at, ms, outcome, code, detail, sent, output } = attempt
      return {
        at: time(at),
        ms,
        outcome,
        code,
        detail,
        ...(sent !== undefined && { sent }),
        ...(another.has(attempt) && { another_body: true }),
        ...(output !== undefined && { output }),
      }
    }),
  }
}
