import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFolder } from '../support/folder.ts'
import { runProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'

const KEPT = 'export default () => {}\n'
const GONE = `export default () => { throw new Error('down') }\n`

const configuration = (connectors: string, more = ''): string =>
  `server: { port: 0 }\nstore: ./onsignup.db\n${more}connectors:\n  kept: { uses: ./kept.ts }\n${connectors}`

const listed = z.object({
  deliveries: z.array(
    z.object({ connector: z.string(), state: z.string(), user: z.object({ id: z.string() }) }),
  ),
})

test('a user is forgotten, what a removed connector left is dropped, and what is old is deleted', async () => {
  await using folder = await createFolder()
  const { path: cwd } = folder
  await folder.write('kept.ts', KEPT)
  await folder.write('gone.ts', GONE)
  await folder.write('ada.json', JSON.stringify(named('ada')))
  await folder.write('eve.json', JSON.stringify(named('eve')))
  const start = async (connectors: string, more?: string) => {
    await folder.write('onsignup.yaml', configuration(connectors, more))
    const service = await startService(['--log-level', 'silent'], { cwd })
    onTestFinished(() => service.kill('SIGKILL'))
    return service
  }
  const call = async (url: string, ...args: readonly string[]) => {
    const { code, stdout, stderr } = await runProgram([...args, '--url', url], { cwd })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return stdout.trim()
  }
  const deliveries = async (url: string) => {
    const { deliveries: all } = listed.parse(JSON.parse(await call(url, 'deliveries', '--json')))
    return all.map(({ connector, state, user }) => `${user.id} ${connector} ${state}`)
  }

  const first = await start('  gone: { uses: ./gone.ts }\n')
  await call(first.url, 'send', 'ada.json')
  await call(first.url, 'send', 'eve.json')
  expect(await call(first.url, 'forget', 'EVE@example.com')).toBe('1 event forgotten')
  expect(await call(first.url, 'forget', 'auth0|nobody')).toBe('0 events forgotten')
  expect(await deliveries(first.url)).toEqual([
    'forgotten gone skipped',
    expect.stringMatching(/^forgotten kept/),
    'auth0|ada gone waiting',
    'auth0|ada kept delivered',
  ])
  expect(await call(first.url, 'send', 'eve.json')).toContain('accepted before')
  first.kill('SIGTERM')
  await first.ended

  const second = await start('')
  expect(await call(second.url, 'drop', 'kept')).toBe('0 dropped')
  expect(await call(second.url, 'drop', 'gone')).toBe('1 dropped')
  expect((await deliveries(second.url))[2]).toBe('auth0|ada gone skipped')
  second.kill('SIGTERM')
  await second.ended

  // The newest event stays, so that numbers go on from it.
  const third = await start('', 'retention: 1ms\n')
  expect(await deliveries(third.url)).toEqual(['forgotten gone skipped', expect.stringMatching(/^forgotten/)])
  expect(await call(third.url, 'send', 'ada.json')).toContain('accepted before')
  third.kill('SIGTERM')
  expect((await third.ended).code).toBe(0)
})
