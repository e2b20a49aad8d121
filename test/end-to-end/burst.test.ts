import { expect, test } from 'vitest'
import { deliveriesOf, outcomes, publish } from '../support/http.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld } from '../support/world.ts'

const SIGN_UPS = 1_000
const CALLERS = 50
/** Of Slack messages to one channel, after a quiet time. */
const BURST = 3
/** How long a record waits for others, in seconds. */
const WINDOW = 0.5

test('a thousand sign-ups in one burst are six calls to Salesforce, a message a second to Slack, and a mail each', async () => {
  await using world = await createWorld({ crm: '' })
  const { slack, salesforce, smtp } = world.sandbox
  const { url } = await world.start('--log-level', 'silent')
  const began = performance.now()
  const ids: string[] = []
  for (let first = 0; first < SIGN_UPS; first += CALLERS) {
    const group = Array.from({ length: CALLERS }, (_, n) => publish(url, named(`user-${first + n}`)))
    for (const { id } of await Promise.all(group)) ids.push(id)
  }
  const accepted = (performance.now() - began) / 1_000
  const ended = async () => {
    const shown = await (await fetch(`${url}/metrics`)).text()
    const counts = shown.matchAll(/^onsignup_deliveries_ended_total\{.*\} (\d+)$/gm)
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }
  await until('all have ended', async () => (await ended()) === 3 * SIGN_UPS, 60_000)
  const seconds = (performance.now() - began) / 1_000

  const writes = salesforce.requests.filter(({ path }) => path.includes('/composite/sobjects/'))
  // Of 200 records; a machine that takes its time to accept them fills no window.
  expect(writes.length).toBeLessThanOrEqual(Math.max(6, Math.ceil(accepted / WINDOW) + 2))
  expect(salesforce.records('Lead')).toHaveLength(SIGN_UPS)
  expect(slack.messages.length).toBeLessThanOrEqual(1 + BURST + seconds)
  const told = slack.messages.map(({ text }) => Number(/^(\d+) new sign-ups/.exec(text)?.[1] ?? 1))
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(SIGN_UPS)
  expect(new Set(smtp.mailbox.map(({ to }) => to)).size).toBe(SIGN_UPS)
  expect(smtp.mailbox).toHaveLength(SIGN_UPS)
  // Each has an outcome of its own, which says what it was sent with.
  const last = await deliveriesOf(url, ids.at(-1) ?? '')
  expect(Object.values(last).map(outcomes)).toEqual([['delivered'], ['delivered'], ['delivered']])
  expect(last['team-slack']?.attempts[0]?.detail).toMatch(/ with \d+ sign-ups in one message$/)
}, 90_000)
