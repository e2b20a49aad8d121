import { createTestClock } from '@onsignup/core/testing'
import { startSlack, type SlackDouble } from '@onsignup/sandbox'
import { CLOCK } from 'onsignup/compose'
import { describe, expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const USERS = ['ada', 'bob', 'eve', 'joe', 'kim']

const configuration = (slack: SlackDouble, ops: SlackDouble) => `
alerts: ops
connectors:
  team-slack:
    uses: slack
    with: { api_url: '${slack.url}', token: ${slack.token}, channel: C0000000001, text: '{{ user.email }}' }
    batch: { max_records: 1 }
  ops:
    uses: slack
    if: user.tenant == 'nobody'
    with: { webhook_url: '${ops.webhookUrl}' }
`

/** Each breaks a workspace, and gives what mends it again. */
const FAULTS: Readonly<Record<string, (slack: SlackDouble, channel: { member: boolean }) => () => void>> = {
  token_revoked(slack) {
    const { stop } = slack.misbehave({ kind: 'error', error: 'token_revoked' })
    return stop
  },
  not_in_channel(_slack, channel) {
    channel.member = false
    return () => {
      channel.member = true
    }
  },
}

describe.each(Object.entries(FAULTS))('%s', (error, breakIt) => {
  test('parks once with one alert and no death, and after the mend all goes out by itself, oldest first', async () => {
    const channel = { id: 'C0000000001', name: 'signups', member: true }
    const slack = await startSlack({ channels: [channel] })
    const ops = await startSlack()
    const clock = createTestClock()
    const mend = breakIt(slack, channel)
    try {
      await using program = await composeFile(configuration(slack, ops), (container) =>
        container.replace(CLOCK, () => clock),
      )
      // Slack's answers take no time of this clock, so that it stands still until they are there.
      const pass = async (steps: number) => {
        for (let step = 0; step < steps; step += 1) {
          await clock.advance('10s')
          await program.idle()
        }
      }
      const ids: string[] = []
      for (const user of USERS) {
        ids.push((await program.publish(named(user))).id)
        await pass(1)
      }
      const states = async () => {
        const all = await Promise.all(ids.map((id) => program.deliveries(id)))
        return all.map((deliveries) => deliveries['team-slack'])
      }
      // Ten minutes, with two probes in vain.
      await pass(60)
      const parked = await states()
      expect(parked.map((delivery) => `${delivery?.state} ${delivery?.tries}`)).toEqual(
        USERS.map(() => 'parked 0'),
      )
      expect(slack.messages).toEqual([])
      expect(ops.messages.map(({ text }) => text)).toEqual(['team-slack is parked'])
      expect(JSON.stringify(ops.messages)).toContain(error)

      mend()
      await until(
        'all is delivered',
        async () => {
          await clock.advance('1s')
          return (await states()).every((delivery) => delivery?.state === 'delivered')
        },
        20_000,
      )
      expect(slack.messages.map(({ text }) => text)).toEqual(USERS.map((user) => `${user}@example.com`))
      expect(ops.messages).toHaveLength(1)
    } finally {
      await slack.close()
      await ops.close()
    }
  })
})
