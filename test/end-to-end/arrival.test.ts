import { describe, expect, test } from 'vitest'
import { deliveriesOf, outcomes, publish, untilDelivered } from '../support/http.ts'
import { ada, named } from '../support/registrations.ts'
import { createWorld } from '../support/world.ts'

describe('a POST of { user, context }', () => {
  test('leads to one message, one Lead and one mail, with what the user gave', async () => {
    await using world = await createWorld()
    const { slack, salesforce, smtp } = world.sandbox
    const { url } = await world.start()
    const { id, duplicate } = await publish(url, ada)
    expect(duplicate).toBe(false)
    await untilDelivered(url, id)

    expect(slack.messages).toEqual([
      expect.objectContaining({
        channelName: 'signups',
        text: 'New sign-up: Ada Lovelace (ada@example.com)',
        metadata: { event_type: 'user_registered', event_payload: { id, marks: expect.any(String) } },
      }),
    ])
    expect(salesforce.records('Lead')).toEqual([
      expect.objectContaining({
        Registration_Id__c: 'acme:auth0|ada',
        FirstName: 'Ada',
        LastName: 'Lovelace',
        Company: 'Analytical & Sons',
        Email: 'ada@example.com',
      }),
    ])
    expect(smtp.mailbox).toEqual([
      expect.objectContaining({
        envelope: { from: 'hello@acme.example', to: ['ada@example.com'] },
        from: '"Acme" <hello@acme.example>',
        to: 'ada@example.com',
        text: 'Hello ada@example.com\n',
      }),
    ])
    const deliveries = await deliveriesOf(url, id)
    expect(Object.keys(deliveries).toSorted()).toEqual(['crm', 'team-slack', 'welcome'])
    for (const delivery of Object.values(deliveries)) expect(outcomes(delivery)).toEqual(['delivered'])
  })

  test('posted again, and again after a restart, is known and sends nothing more', async () => {
    await using world = await createWorld()
    const { slack, salesforce, smtp } = world.sandbox
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    expect(await publish(first.url, ada)).toEqual({ id, duplicate: true })
    await untilDelivered(first.url, id)
    first.kill('SIGTERM')
    await first.ended

    const second = await world.start()
    expect(await publish(second.url, ada)).toEqual({ id, duplicate: true })
    // What was due before this one would have gone out before it.
    const other = await publish(second.url, named('grace'))
    await untilDelivered(second.url, other.id)
    expect(slack.messages.map(({ metadata }) => metadata?.['event_payload'])).toMatchObject([
      { id },
      { id: other.id },
    ])
    expect(salesforce.records('Lead').map(({ Email }) => Email)).toEqual([
      'ada@example.com',
      'grace@example.com',
    ])
    expect(smtp.mailbox.map(({ to }) => to)).toEqual(['ada@example.com', 'grace@example.com'])
    expect(slack.requests).toHaveLength(2)
    expect(salesforce.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2)
  })
})
