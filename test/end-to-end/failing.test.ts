import { describe, expect, test } from 'vitest'
import { deliveriesOf, outcomes, publish, statesOf, untilDelivered } from '../support/http.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld } from '../support/world.ts'

test('Slack answering 500 delays Slack alone, and its message follows when it is back', async () => {
  await using world = await createWorld()
  const { slack, salesforce, smtp } = world.sandbox
  const failing = slack.misbehave({ kind: 'status', status: 500 })
  const { url } = await world.start()
  const { id } = await publish(url, ada)

  await until('record and mail went out', async () => {
    const { crm, welcome } = await statesOf(url, id)
    return crm === 'delivered' && welcome === 'delivered'
  })
  expect(salesforce.records('Lead')).toHaveLength(1)
  expect(smtp.mailbox).toHaveLength(1)
  await until('Slack was asked again', () => slack.requests.length >= 3)
  expect(slack.messages).toEqual([])
  expect((await statesOf(url, id))['team-slack']).toMatch(/waiting|pending|running/)

  failing.stop()
  await untilDelivered(url, id)
  expect(slack.messages).toHaveLength(1)
  const { 'team-slack': delivery } = await deliveriesOf(url, id)
  const failed = outcomes(delivery).slice(0, -1)
  expect(outcomes(delivery).at(-1)).toBe('delivered')
  expect(failed.length).toBeGreaterThanOrEqual(2)
  expect(new Set(failed)).toEqual(new Set(['retry']))
  expect(delivery?.attempts[0]).toMatchObject({ detail: expect.stringContaining('500') })
  expect(salesforce.records('Lead')).toHaveLength(1)
  expect(smtp.mailbox).toHaveLength(1)
})

describe('kill -9 after the 202', () => {
  test('while everything was in flight: the next start delivers what was due, and the history tells of the loss', async () => {
    await using world = await createWorld()
    const { slack, salesforce, smtp } = world.sandbox
    slack.misbehave({ kind: 'hang' })
    salesforce.misbehave({ kind: 'hang' })
    smtp.misbehave({ kind: 'hang-at-greeting' })
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    await until('all three are in flight', async () =>
      Object.values(await statesOf(first.url, id)).every((state) => state === 'running'),
    )
    first.kill('SIGKILL')
    expect((await first.ended).code).toBeNull()
    for (const double of [slack, salesforce, smtp]) double.behave()

    const second = await world.start()
    await untilDelivered(second.url, id)
    expect(slack.messages).toHaveLength(1)
    expect(salesforce.records('Lead')).toHaveLength(1)
    expect(smtp.mailbox).toHaveLength(1)
    const deliveries = await deliveriesOf(second.url, id)
    for (const delivery of Object.values(deliveries)) {
      expect(outcomes(delivery), delivery.connector).toEqual(['lost', 'delivered'])
    }
  })

  test('at that very moment: nothing is forgotten', async () => {
    await using world = await createWorld()
    const { slack, salesforce, smtp } = world.sandbox
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    first.kill('SIGKILL')
    await first.ended

    const second = await world.start()
    await untilDelivered(second.url, id)
    expect(salesforce.records('Lead')).toHaveLength(1)
    const { 'team-slack': posted, welcome } = await deliveriesOf(second.url, id)
    // A second one only where the history owns to a run that may have sent the first.
    for (const [sent, delivery] of [
      [slack.messages.length, posted],
      [smtp.mailbox.length, welcome],
    ] as const) {
      expect(sent).toBeGreaterThanOrEqual(1)
      expect(sent).toBeLessThanOrEqual(outcomes(delivery).length)
    }
  })

  test('while it waited to try again: the wait goes on after the start', async () => {
    await using world = await createWorld()
    const { slack } = world.sandbox
    slack.misbehave({ kind: 'status', status: 500 })
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    await until(
      'Slack failed',
      async () => outcomes((await deliveriesOf(first.url, id))['team-slack']).length > 1,
    )
    first.kill('SIGKILL')
    await first.ended
    slack.behave()

    const second = await world.start()
    await untilDelivered(second.url, id)
    expect(slack.messages).toHaveLength(1)
    expect(outcomes((await deliveriesOf(second.url, id))['team-slack']).slice(0, 2)).toEqual([
      'retry',
      'retry',
    ])
  })
})
