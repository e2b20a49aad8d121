import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { startHeldSlack } from '../support/held-slack.ts'
import { deliveriesOf, outcomes, post, publish, untilDelivered } from '../support/http.ts'
import { ada, named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld } from '../support/world.ts'

describe('a stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s takes no more, finishes the attempt in flight and exits 0',
    async (signal) => {
      await using slack = await startHeldSlack()
      await using world = await createWorld({ slackUrl: slack.url })
      const first = await world.start()
      const { id } = await publish(first.url, ada)
      await until('Slack was asked', () => slack.asked === 1)

      first.kill(signal)
      await until('it says that it stops', () =>
        first.said.stdout.includes(`${signal}: finishing what is in flight`),
      )
      const refused = await post(first.url, named('grace')).catch(() => null)
      expect([503, undefined]).toContain(refused?.status)
      slack.answer()
      const { code, stdout } = await first.ended
      expect({ code, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({ code: 0, last: 'stopped' })

      const second = await world.start()
      await untilDelivered(second.url, id)
      expect(outcomes((await deliveriesOf(second.url, id))['team-slack'])).toEqual(['delivered'])
      expect(slack.asked).toBe(1)
    },
  )

  test('that the grace time does not suffice for hands back what is in flight, and exits 0', async () => {
    await using slack = await startHeldSlack()
    await using world = await createWorld({ slackUrl: slack.url })
    const yaml = `store: ./onsignup.db
server: { port: 0, grace: 100ms }
connectors:
  team-slack:
    uses: slack
    with: { api_url: '${slack.url}', token: xoxb-1, channel: C0000000001 }
`
    await world.folder.write('onsignup.yaml', yaml)
    const first = await world.start()
    const { id } = await publish(first.url, ada)
    await until('Slack was asked', () => slack.asked === 1)
    first.kill('SIGTERM')
    expect((await first.ended).code).toBe(0)
    slack.answer()

    const second = await world.start()
    await untilDelivered(second.url, id)
    const { 'team-slack': delivery } = await deliveriesOf(second.url, id)
    expect(outcomes(delivery)).toEqual(['unknown', 'delivered'])
    expect(delivery?.attempts[0]).toMatchObject({ detail: expect.stringMatching(/stop/) })
  })
})

describe('a start', () => {
  test('on a store that another process runs is refused, and says so', async () => {
    await using world = await createWorld()
    const first = await world.start()
    const second = await world.run(['start'])
    expect(second.code).toBe(2)
    expect(second.stdout).toBe('')
    expect(second.stderr).toContain(world.folder.at('onsignup.db'))
    expect(second.stderr).toMatch(/error: .*(locked|another|in use|opened)/)
    expect(second.stderr).toContain('→')
    // The one that was there first goes on.
    await untilDelivered(first.url, (await publish(first.url, ada)).id)
  })

  test('on a port that is taken is refused, and says which', async () => {
    await using world = await createWorld()
    const other = createServer()
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const address = other.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const { code, stderr } = await world.run(['start', '--port', String(port), '--log-level', 'silent'])
      expect(code).toBe(2)
      expect(stderr).toBe(
        `error: cannot listen on 127.0.0.1:${port}\n  → choose another address with server.port, server.host or --port\n`,
      )
    } finally {
      other.close()
    }
  })

  test('without a token listens on loopback only, and says so', async () => {
    await using world = await createWorld()
    const { url, said } = await world.start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(said.stdout).toContain('(no server.token is set: loopback only)')
  })

  test('without a token is refused anywhere else', async () => {
    await using world = await createWorld({ server: ', host: 0.0.0.0' })
    const { code, stdout, stderr } = await world.run(['start'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(
      /:2:\d+ {2}server\.host {2}without a token only this machine may call {2}→ set server\.token/,
    )
  })

  test('with a token listens everywhere, and never shows it', async () => {
    await using world = await createWorld({ server: ', token: a-token-of-callers' })
    const { url, said } = await world.start('--log-level', 'debug')
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
    const loopback = url.replace('0.0.0.0', '127.0.0.1')
    expect((await post(loopback, ada)).status).toBe(401)
    const authorized = await post(loopback, ada, { Authorization: 'Bearer a-token-of-callers' })
    expect(authorized.status).toBe(202)
    expect(said.stdout + said.stderr).not.toContain('a-token-of-callers')
    expect(said.stdout).not.toContain('loopback')
  })
})
