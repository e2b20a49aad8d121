import 'nock'
import { createTestClock } from '@onsignup/core/testing'
import { CLOCK, FETCH, RANDOM } from 'onsignup/compose'
import { describe, expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import {
  expectDescription,
  expectMessage,
  expectSignIn,
  expectUpsert,
  guardNetwork,
} from '../support/nock.ts'
import { ada } from '../support/registrations.ts'

guardNetwork()

const SLACK = `
  team-slack:
    uses: slack
    with:
      token: xoxb-1-2-three
      channel: C0123456789
      text: '{{ user.email }} signed up through {{ context.connection.name }}'
`
const CRM = `
  crm:
    uses: salesforce
    with:
      login_url: https://acme.my.salesforce.com
      client_id: the-client-id
      client_secret: the-client-secret
      fields:
        LastName: '{{ user.familyName | default: user.email }}'
        Company: "{{ user.user_metadata.company | default: '[not provided]' }}"
        Email: '{{ user.email }}'
    batch: { max_wait: 0s }
`

const LEAD = {
  Registration_Id__c: 'acme:auth0|ada',
  LastName: 'Lovelace',
  Company: 'Analytical & Sons',
  Email: 'ada@example.com',
}

describe('from the YAML to the wire', () => {
  test('Slack gets exactly one chat.postMessage', async () => {
    const forms: Record<string, string>[] = []
    expectMessage('xoxb-1-2-three', forms)
    await using program = await composeFile(`connectors: ${SLACK}`)
    const { id } = await program.publish(ada)
    await program.idle()
    expect(forms).toEqual([
      {
        channel: 'C0123456789',
        text: 'ada@example.com signed up through Username-Password-Authentication',
        parse: 'none',
        link_names: 'false',
        unfurl_links: 'false',
        unfurl_media: 'false',
        metadata: expect.stringMatching(
          `^{"event_type":"user_registered","event_payload":{"id":"${id}","marks":"[\\w-]{10}"}}$`,
        ),
      },
    ])
    expect((await program.deliveries(id))['team-slack']).toMatchObject({
      state: 'delivered',
      attempts: [{ outcome: 'delivered', detail: 'C0123456789 1767323045.000100' }],
    })
  })

  test('Salesforce gets one sign-in and one upsert, and the next sign-up uses the same session', async () => {
    expectSignIn('the-client-id', 'the-client-secret')
    expectDescription()
    expectUpsert([LEAD])
    await using program = await composeFile(`connectors: ${CRM}`)
    const { id } = await program.publish(ada)
    await program.idle()
    expect((await program.deliveries(id))['crm']).toMatchObject({
      state: 'delivered',
      attempts: [{ outcome: 'delivered', detail: 'Lead 00Q000000000000AAA created' }],
    })
    expectUpsert([{ ...LEAD, Registration_Id__c: 'acme:grace', Email: 'grace@example.com' }])
    await program.publish({ ...ada, user: { ...ada.user, id: 'grace', email: 'grace@example.com' } })
    await program.idle()
  })

  test('a connector whose if is false sends nothing, and says so', async () => {
    await using program = await composeFile(`connectors: ${SLACK}    if: user.emailVerified == false\n`)
    const { id } = await program.publish(ada)
    await program.idle()
    expect((await program.deliveries(id))['team-slack']).toMatchObject({ state: 'skipped' })
  })

  test('what is published twice is sent once', async () => {
    expectMessage('xoxb-1-2-three')
    await using program = await composeFile(`connectors: ${SLACK}`)
    const first = await program.publish(ada)
    await program.idle()
    expect(await program.publish(ada)).toEqual({ id: first.id, duplicate: true })
    await program.idle()
  })

  test('a refused Slack token parks Slack alone, and its deliveries wait with the reason', async () => {
    expectMessage('xoxb-1-2-three', [], [200, { ok: false, error: 'invalid_auth' }])
    expectSignIn('the-client-id', 'the-client-secret')
    expectDescription()
    expectUpsert([LEAD])
    await using program = await composeFile(`connectors: ${SLACK}${CRM}`)
    const { id } = await program.publish(ada)
    await program.idle()
    const { 'team-slack': slack, crm } = await program.deliveries(id)
    expect(crm?.state).toBe('delivered')
    expect(slack).toMatchObject({
      state: 'parked',
      reason: expect.stringContaining('invalid_auth'),
      attempts: [{ outcome: 'misconfigured' }],
    })
    expect(JSON.stringify(slack)).not.toContain('xoxb-1-2-three')
  })
})

describe('a part that is replaced before composing', () => {
  test('fetch: is what the plugin sends with', async () => {
    const asked: string[] = []
    await using program = await composeFile(`connectors: ${SLACK}`, (container) =>
      container.replace(FETCH, () => async (input) => {
        asked.push(String(input instanceof Request ? input.url : input))
        return Response.json({ ok: true, channel: 'C0123456789', ts: '1.2' })
      }),
    )
    const { id } = await program.publish(ada)
    await program.idle()
    expect(asked).toEqual(['https://slack.com/api/chat.postMessage'])
    expect((await program.deliveries(id))['team-slack']?.state).toBe('delivered')
  })

  test('clock and randomness: decide when a failed delivery is tried again', async () => {
    const clock = createTestClock()
    expectMessage('xoxb-1-2-three', [], [500, {}])
    await using program = await composeFile(`connectors: ${SLACK}    retry: { initial: 8s }\n`, (container) =>
      container.replace(CLOCK, () => clock).replace(RANDOM, () => () => 0.5),
    )
    const { id } = await program.publish(ada)
    await clock.advance('1s')
    await program.idle()
    const failedAt = clock.now()
    expect((await program.deliveries(id))['team-slack']).toMatchObject({
      due: failedAt + 4_000,
      attempts: [{ outcome: 'retry' }],
    })
    await clock.advance(3_999)
    await program.idle()
    expect((await program.deliveries(id))['team-slack']?.attempts).toHaveLength(1)
    expectMessage('xoxb-1-2-three')
    await clock.advance(1)
    await program.idle()
    expect((await program.deliveries(id))['team-slack']?.state).toBe('delivered')
  })

  test("clock: a far side's Retry-After is honoured to the second, and not counted", async () => {
    const clock = createTestClock()
    expectMessage('xoxb-1-2-three', [], [429, { ok: false, error: 'ratelimited' }, { 'Retry-After': '30' }])
    await using program = await composeFile(`connectors: ${SLACK}`, (container) =>
      container.replace(CLOCK, () => clock),
    )
    const { id } = await program.publish(ada)
    await clock.advance('1s')
    await program.idle()
    const { 'team-slack': waiting } = await program.deliveries(id)
    expect(waiting).toMatchObject({ tries: 0, attempts: [{ outcome: 'throttled' }] })
    expect(waiting?.due).toBeGreaterThanOrEqual(clock.now() + 30_000)
    expectMessage('xoxb-1-2-three')
    await clock.advance((waiting?.due ?? 0) - clock.now())
    await program.idle()
    expect((await program.deliveries(id))['team-slack']?.state).toBe('delivered')
  })
})
