import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { deliveriesOf, publish, untilDelivered } from '../support/http.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

const previews = z.array(z.object({ connector: z.string(), body: z.string() }))

/** What the history would keep of what each connector would send now. */
const hashesNow = async ({ folder, run }: World): Promise<Record<string, string>> => {
  const file = await folder.write('ada.json', JSON.stringify(ada))
  const { json } = await run(['preview', file, '--json'])
  return Object.fromEntries(
    previews
      .parse(json())
      .map(({ connector, body }) => [
        connector,
        createHash('sha256').update(body).digest('hex').slice(0, 12),
      ]),
  )
}

const last = <T>(list: readonly T[] | undefined): T | undefined => list?.at(-1)

test('a template that is edited between two attempts shows as another body under the same key', async () => {
  await using world = await createWorld({ slack: ", text: 'Hello {{ user.email }}'" })
  const { folder, sandbox } = world
  sandbox.slack.misbehave({ kind: 'status', status: 500 })
  const first = await world.start()
  const { id } = await publish(first.url, ada)
  await until('Slack was asked twice', () => sandbox.slack.requests.length >= 2)
  first.kill('SIGTERM')
  await first.ended
  const before = await hashesNow(world)
  const yaml = await readFile(folder.at('onsignup.yaml'), 'utf8')
  await folder.write('onsignup.yaml', yaml.replace("text: 'Hello", "text: 'Welcome"))
  const after = await hashesNow(world)
  sandbox.slack.behave()
  const { url } = await world.start()
  await untilDelivered(url, id)
  const { 'team-slack': slack, welcome, crm } = await deliveriesOf(url, id)

  const failed = slack?.attempts.slice(0, -1) ?? []
  expect(failed.length).toBeGreaterThanOrEqual(1)
  for (const attempt of failed) {
    expect(attempt).toMatchObject({ outcome: 'retry', sent: before['team-slack'] })
    expect(attempt).not.toHaveProperty('another_body')
  }
  expect(last(slack?.attempts)).toMatchObject({ sent: after['team-slack'], another_body: true })
  expect(crm?.attempts).toMatchObject([
    { outcome: 'delivered', sent: expect.stringMatching(/^[0-9a-f]{12}$/) },
  ])
  expect(welcome?.attempts).toMatchObject([
    { outcome: 'delivered', sent: expect.stringMatching(/^[0-9a-f]{12}$/) },
  ])

  const { stdout } = await world.run(['delivery', String(slack?.id), '--url', url])
  expect(stdout).toMatch(new RegExp(`  retry      sent ${before['team-slack']}                http_500: `))
  expect(stdout).toMatch(new RegExp(`  delivered  sent ${after['team-slack']}, another body  C0000000001 `))
})

test('a forced repeat has a key of its own, and is no other body of the first', async () => {
  await using world = await createWorld()
  const { url } = await world.start()
  const { id } = await publish(url, ada)
  await untilDelivered(url, id)
  const slackOf = async () => (await deliveriesOf(url, id))['team-slack']
  expect((await world.run(['retry', String((await slackOf())?.id), '--again', '--url', url])).code).toBe(0)
  await until('it is delivered again', async () => (await slackOf())?.attempts.length === 2)
  const attempts = (await slackOf())?.attempts ?? []
  expect(new Set(attempts.map(({ sent }) => sent)).size).toBe(2)
  for (const attempt of attempts) expect(attempt).not.toHaveProperty('another_body')
})
