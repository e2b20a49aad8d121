import { createTestClock } from '@onsignup/core/testing'
import { startSlack } from '@onsignup/sandbox'
import { CLOCK, RANDOM } from 'onsignup/compose'
import { expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const connectors = (apiUrl: string, other: string) => `
connectors:
  first:
    uses: slack
    with: { api_url: '${apiUrl}', token: xoxb-sandbox-token, channel: C0000000001 }
  second:
    uses: slack
    if: user.emailVerified == false
    with: { api_url: '${apiUrl}', token: xoxb-sandbox-token, channel: C0000000002 }
  elsewhere:
    uses: slack
    if: user.emailVerified == false
    with: { api_url: '${other}', token: xoxb-another-token, channel: C0000000001 }
`

test('429 with Retry-After: 7 holds every channel of the token for 7 s, burns no try, and touches no other token', async () => {
  const slack = await startSlack()
  const other = await startSlack({ token: 'xoxb-another-token' })
  const clock = createTestClock()
  await using program = await composeFile(connectors(slack.url, other.url), (container) =>
    container.replace(CLOCK, () => clock).replace(RANDOM, () => () => 0),
  )
  const posts = () => slack.requests.filter(({ path }) => path.endsWith('chat.postMessage')).length
  try {
    slack.misbehave({ kind: 'rate-limit', retryAfter: 7, times: 1 })
    const began = clock.now()
    const one = await program.publish(ada)
    const firstOf = async () => (await program.deliveries(one.id))['first']
    /** Time passes by steps, since what is stored waits for the clock too. */
    const untilTrue = (what: string, holds: () => boolean | Promise<boolean>) =>
      until(what, async () => {
        await clock.advance(10)
        return holds()
      })
    await untilTrue('it was limited', async () => (await firstOf())?.attempts.length === 1)
    const limited = await firstOf()
    expect(limited).toMatchObject({ tries: 0, attempts: [{ outcome: 'throttled', code: 'ratelimited' }] })
    const due = limited?.due ?? 0
    expect(due).toBeGreaterThanOrEqual(began + 7_000)

    const two = await program.publish({ user: { id: 'auth0|two', emailVerified: false } })
    await untilTrue('the other token posted', () => other.messages.length === 1)
    await clock.advance(due - 1 - clock.now())
    expect((await program.deliveries(two.id))['second']?.attempts).toEqual([])
    expect(posts()).toBe(1)

    await untilTrue('all is posted', () => slack.messages.length === 2)
    await untilTrue('and stored', async () =>
      [await firstOf(), (await program.deliveries(two.id))['second']].every(
        (delivery) => delivery?.state === 'delivered' && delivery.tries === 0,
      ),
    )
    // What waited for the same channel went together.
    expect(
      slack.messages.map(({ channelName, text }) => `${channelName} ${text.split('\n')[0]}`).toSorted(),
    ).toEqual([expect.stringMatching(/^general New sign-up/), 'signups 2 new sign-ups'])
  } finally {
    await slack.close()
    await other.close()
  }
})
