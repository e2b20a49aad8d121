import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWorld } from '../support/world.ts'
import { createFolder } from '../support/folder.ts'
import { runProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const CONFIGURATION = `server: { port: 0, grace: 1s }
store: ./onsignup.db
connectors:
  team: { uses: ./team.ts }
`

// Hangs until a file says that it need not, so that the process is killed while it is at it.
const TEAM = `import { appendFileSync, existsSync } from 'node:fs'
export default async ({ user }, { connector, idempotencyKey, afterUnknown }) => {
  appendFileSync('calls', JSON.stringify([connector, idempotencyKey, afterUnknown]) + '\\n')
  if (!existsSync('answers')) await new Promise(() => {})
}
`

test('what was in flight under one name is repeated under another, with the same key', async () => {
  await using folder = await createFolder()
  const { path: cwd } = folder
  const write = (yaml: string) => folder.write('onsignup.yaml', yaml)
  const run = (...args: readonly string[]) => runProgram(args, { cwd })
  const start = async () => {
    const service = await startService(['--log-level', 'silent'], { cwd })
    onTestFinished(() => service.kill('SIGKILL'))
    return service
  }
  const calls = async () => (await readFile(folder.at('calls'), 'utf8').catch(() => '')).trim().split('\n')
  await folder.write('team.ts', TEAM)
  await folder.write('ada.json', JSON.stringify(named('ada')))
  await write(CONFIGURATION)
  const first = await start()
  await run('send', 'ada.json', '--url', first.url)
  await until('it is called', async () => (await calls())[0] !== '')
  first.kill('SIGKILL')
  await first.ended

  // As people do it: in the file first, and then they see that something waits.
  await write(CONFIGURATION.replace('team:', 'sign-ups:'))
  const second = await start()
  expect((await run('deliveries', '--url', second.url)).stdout).toMatch(/^orphaned .* team /)
  expect(await run('rename', 'team', 'sign-ups')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error: another onsignup process has the store .* open\n {2}→ .*stop it/),
  })
  second.kill('SIGTERM')
  await second.ended

  expect(await run('rename', 'team', 'sign-ups')).toMatchObject({
    code: 0,
    stderr: '',
    stdout:
      'team is sign-ups now (./team.ts): deliveries, history and idempotency keys follow\nnext: start the service\n',
  })
  await folder.write('answers', '')
  const third = await start()
  await until('it is delivered', async () => {
    const { stdout } = await run('deliveries', '--connector', 'sign-ups', '--url', third.url)
    return stdout.startsWith('delivered')
  })
  const [before, after] = (await calls()).map((line): unknown => JSON.parse(line))
  expect(before).toEqual(['team', expect.any(String), false])
  expect(after).toEqual(['sign-ups', Array.isArray(before) ? before[1] : '', true])
  expect((await run('connectors', '--url', third.url)).stdout).toBe('open       sign-ups  ./team.ts\n')
})

test('a mail has the Message-ID of before, as a preview shows it', async () => {
  await using world = await createWorld()
  const file = await world.folder.write('ada.json', JSON.stringify(named('ada')))
  const yaml = await readFile(world.folder.at('onsignup.yaml'), 'utf8')
  const messageId = async (connector: string) => {
    const { stdout } = await world.run(['preview', file, '--connector', connector])
    return /^Message-ID: (.+)$/m.exec(stdout)?.[1]
  }
  const before = await messageId('welcome')
  expect(before).toMatch(/^<.+>$/)
  const first = await world.start('--log-level', 'silent')
  first.kill('SIGTERM')
  await first.ended

  const renamed = await world.run(['rename', 'welcome', 'hello'])
  expect(renamed.stdout).toContain(
    `next: ${world.folder.at('onsignup.yaml')} still has welcome: write hello there`,
  )
  await world.folder.write('onsignup.yaml', yaml.replace('  welcome:', '  hello:'))
  expect(await messageId('hello')).toBe(before)
  const second = await world.start('--log-level', 'silent')
  await world.run(['send', file, '--wait', '--url', second.url])
  expect(world.sandbox.smtp.mailbox.map(({ messageId: sent }) => sent)).toEqual([before])
})

test('what is left to write is told by what the file has', async () => {
  await using folder = await createFolder()
  const { path: cwd } = folder
  const run = (...args: readonly string[]) => runProgram(args, { cwd })
  await folder.write('team.ts', TEAM)
  await folder.write('onsignup.yaml', CONFIGURATION)
  const service = await startService(['--log-level', 'silent'], { cwd })
  service.kill('SIGTERM')
  await service.ended
  expect((await run('rename', 'team', 'a')).stdout).toMatch(
    /\nnext: .*onsignup\.yaml still has team: write a there, or it is a new connector/,
  )
  expect((await run('rename', 'a', 'b')).stdout).toMatch(
    /\nnext: the file has neither: what waits of b goes on when it has b\n$/,
  )
  await folder.write('onsignup.yaml', `${CONFIGURATION}  b: { uses: ./team.ts }\n`)
  expect((await run('rename', 'b', 'team')).stdout).toMatch(
    /\nnext: the file has b too: at the next start it is a new connector\n$/,
  )
  expect(await run('rename', 'team', 'team')).toMatchObject({ code: 2 })
  expect(await run('rename', 'taem', 'x')).toMatchObject({
    code: 2,
    stderr: 'error: no connector named taem is in the store\n  → did you mean team?\n',
  })
})
