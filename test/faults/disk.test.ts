import { expect, onTestFinished, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { startHeldSlack } from '../support/held-slack.ts'
import { outcomes, deliveriesOf, post, publish, untilDelivered } from '../support/http.ts'
import { runProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { CAN_MOUNT, mountDisk } from './disk.ts'

const configuration = (slack: string) => `
server: { port: 0 }
store: ./disk/onsignup.db
connectors:
  team:
    uses: slack
    with: { api_url: '${slack}', token: xoxb-1, channel: C0000000001 }
    timeout: 60s
`

const MEGABYTES = 20

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status

const isReady = async (url: string): Promise<boolean> => (await statusOf(`${url}/readyz`)) === 200

/** Publishes until the store refuses; the ids of what was accepted, and the answer that refused. */
const publishUntilRefused = async (url: string, prefix: string) => {
  const ids: string[] = []
  for (let user = 0; ; user += 1) {
    const registration = named(`${prefix}-${user}`)
    const answer = await post(url, registration)
    if (answer.status !== 202) return { ids, answer, body: await answer.text() }
    const { id } = JSON.parse(await answer.text())
    ids.push(String(id))
  }
}

test.skipIf(!CAN_MOUNT)(
  'on a full disk it is not ready, accepts nothing and keeps the results; with space it goes on, and nothing is sent twice',
  async () => {
    await using slack = await startHeldSlack()
    await using folder = await createFolder()
    await using disk = await mountDisk(folder.at('disk'), MEGABYTES)
    await folder.write('onsignup.yaml', configuration(slack.url))
    const { url, said, kill, ended } = await startService([], { cwd: folder.path })
    onTestFinished(() => kill('SIGKILL'))
    const { id } = await publish(url, named('first'))
    await until('Slack was asked', () => slack.asked === 1)

    await disk.fill()
    const refused = await publishUntilRefused(url, 'full')
    expect(refused.answer.status, refused.body).toBe(503)
    expect(refused.answer.headers.get('Retry-After')).toBe('5')
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'store_unavailable' })
    expect(await isReady(url)).toBe(false)
    expect(await statusOf(`${url}/healthz`)).toBe(200)

    slack.answer()
    await until('a result finds no room', () => said.stderr.includes('the store refuses a result'))
    await disk.free()
    await until('it is ready', () => isReady(url))
    for (const each of [id, ...refused.ids, (await publish(url, named('after'))).id]) {
      await untilDelivered(url, each)
      expect(outcomes((await deliveriesOf(url, each))['team'])).toEqual(['delivered'])
    }
    expect(slack.asked).toBe(2 + refused.ids.length)
    kill('SIGTERM')
    expect((await ended).code).toBe(0)
  },
)

test.skipIf(!CAN_MOUNT)('killed on a full disk, it loses nothing that it accepted', async () => {
  await using slack = await startHeldSlack()
  await using folder = await createFolder()
  await using disk = await mountDisk(folder.at('disk'), MEGABYTES)
  await folder.write('onsignup.yaml', configuration(slack.url))
  const first = await startService(['--log-level', 'silent'], { cwd: folder.path })
  const { id } = await publish(first.url, named('first'))
  await disk.fill()
  const refused = await publishUntilRefused(first.url, 'full')
  first.kill('SIGKILL')
  await first.ended
  slack.answer()

  const onFull = await runProgram(['start', '--log-level', 'silent'], { cwd: folder.path })
  expect(onFull).toMatchObject({ code: 2, stdout: '' })
  expect(onFull.stderr).toContain('onsignup.db')
  await disk.free()
  const { url, kill, ended } = await startService(['--log-level', 'silent'], { cwd: folder.path })
  for (const each of [id, ...refused.ids]) await untilDelivered(url, each)
  kill('SIGTERM')
  expect((await ended).code).toBe(0)
})

test.skipIf(!CAN_MOUNT)('on a read-only disk it does not start, and says why', async () => {
  await using folder = await createFolder()
  await using disk = await mountDisk(folder.at('disk'), MEGABYTES)
  await folder.write('onsignup.yaml', configuration('http://127.0.0.1:9/'))
  const first = await startService(['--log-level', 'silent'], { cwd: folder.path })
  first.kill('SIGTERM')
  await first.ended
  await disk.makeReadOnly()
  const { code, stderr } = await runProgram(['start', '--log-level', 'silent'], { cwd: folder.path })
  expect(code).toBe(2)
  expect(stderr).toMatch(/error: .*onsignup\.db.*\n {2}→ /)
})
