import { describe, expect, test } from 'vitest'
import { deliveriesOf, outcomes, publish, statesOf } from '../support/http.ts'
import { ada, named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

/** The message is stored, and its answer is lost. */
const CUT = {
  kind: 'cut',
  at: 'before-headers',
  afterEffect: true,
  times: 1,
  path: 'chat.postMessage',
} as const

const FOUND = /^C0000000001 \d+\.\d{6}, found there: an earlier try had arrived, and nothing was sent again$/
const NO_HISTORY = { slack: { scopes: ['chat:write', 'channels:read'] } }

const slackOf = async (url: string, id: string) => (await deliveriesOf(url, id))['team-slack']

const untilState = (url: string, id: string, state: string) =>
  until(`Slack's is ${state}`, async () => (await statesOf(url, id))['team-slack'] === state)

const posts = ({ sandbox }: World) =>
  sandbox.slack.requests.filter(({ path }) => path.endsWith('chat.postMessage')).length

describe('an answer of Slack that is lost after the message was stored', () => {
  test('is found in the channel where the token may read it: no second message', async () => {
    await using world = await createWorld()
    const { slack } = world.sandbox
    slack.misbehave(CUT)
    const { url } = await world.start()
    const { id } = await publish(url, ada)
    await untilState(url, id, 'delivered')
    const delivery = await slackOf(url, id)
    expect(outcomes(delivery)).toEqual(['unknown', 'delivered'])
    expect(delivery?.attempts[1]?.detail).toMatch(FOUND)
    expect(delivery?.attempts[1]?.detail).toContain(slack.messages[0]?.ts)
    expect([slack.messages.length, posts(world)]).toEqual([1, 1])
  })

  test('is one more message where it may not, and the history tells of both', async () => {
    await using world = await createWorld({}, NO_HISTORY)
    world.sandbox.slack.misbehave(CUT)
    const { url } = await world.start()
    const { id } = await publish(url, ada)
    await untilState(url, id, 'delivered')
    const delivery = await slackOf(url, id)
    expect(outcomes(delivery)).toEqual(['unknown', 'delivered'])
    expect(delivery?.attempts[1]?.detail).toMatch(
      /sent again without knowing whether an earlier try had arrived: .*missing_scope → give the app the scope channels:history/,
    )
    expect([world.sandbox.slack.messages.length, posts(world)]).toEqual([2, 2])
  })

  test('with on_unknown: hold rests, and is looked for when an operator puts it back', async () => {
    await using world = await createWorld({ settings: 'on_unknown: hold' })
    const { slack } = world.sandbox
    slack.misbehave(CUT)
    const { url } = await world.start()
    const { id } = await publish(url, ada)
    await untilState(url, id, 'unknown')
    const held = await slackOf(url, id)
    expect((await world.run(['retry', String(held?.id), '--url', url])).code).toBe(0)
    await untilState(url, id, 'delivered')
    expect((await slackOf(url, id))?.attempts.at(-1)?.detail).toMatch(FOUND)
    expect([slack.messages.length, posts(world)]).toEqual([1, 1])
  })

  test('by kill -9 is looked for after the next start', async () => {
    await using world = await createWorld()
    const { slack } = world.sandbox
    slack.misbehave({ kind: 'hang', afterEffect: true, times: 1, path: 'chat.postMessage' })
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    await until('the message is there', () => slack.messages.length === 1)
    first.kill('SIGKILL')
    await first.ended
    const second = await world.start()
    await untilState(second.url, id, 'delivered')
    const delivery = await slackOf(second.url, id)
    expect(outcomes(delivery)).toEqual(['lost', 'delivered'])
    expect(delivery?.attempts[1]?.detail).toMatch(FOUND)
    expect([slack.messages.length, posts(world)]).toEqual([1, 1])
  })

  test('of one message for many is found for each of them', async () => {
    await using world = await createWorld()
    const { slack } = world.sandbox
    const { url } = await world.start()
    await world.run(['pause', 'team-slack', '--url', url])
    const ids: string[] = []
    for (let user = 0; user < 12; user += 1) ids.push((await publish(url, named(`user-${user}`))).id)
    slack.misbehave(CUT)
    await world.run(['resume', 'team-slack', '--url', url])
    await until('all are delivered', async () => {
      const states = await Promise.all(ids.map((id) => statesOf(url, id)))
      return states.every((state) => state['team-slack'] === 'delivered')
    })
    for (const id of ids) {
      const delivery = await slackOf(url, id)
      expect(outcomes(delivery)).toEqual(['unknown', 'delivered'])
      expect(delivery?.attempts[1]?.detail).toMatch(FOUND)
    }
    expect(slack.messages.map(({ text }) => text.split('\n')[0])).toEqual(['12 new sign-ups'])
    expect(posts(world)).toBe(1)
  })
})
