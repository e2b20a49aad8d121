import { access } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFolder, type Folder } from '../support/folder.ts'
import { callProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

/** A port that nobody listens at. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const CONFIGURATION = (port: number, more = '') => `server: { port: ${port}, grace: 1s }
store: ./data/onsignup.db
connectors:
  team: { uses: ./team.ts, retry: { max_attempts: 1 } }
${more}`

const TEAM = `export default ({ user }) => {
  if (user.id.endsWith('bad')) throw new Error('no room for this one')
  if (user.id.endsWith('slow')) return new Promise(() => {})
}
`

/** A folder with a configuration, and the program in it. */
const setUp = async () => {
  const folder: Folder = await createFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const port = await freePort()
  await folder.write('team.ts', TEAM)
  await folder.write('onsignup.yaml', CONFIGURATION(port))
  const { path: cwd } = folder
  return {
    folder,
    port,
    store: folder.at('data/onsignup.db'),
    run: (...args: readonly string[]) => callProgram([...args, '--config', folder.at('onsignup.yaml')]),
    async start(...args: readonly string[]) {
      const service = await startService(['--log-level', 'silent', ...args], { cwd })
      onTestFinished(() => service.kill('SIGKILL'))
      return service
    },
  }
}

/** The same, after the service took these users and was killed. */
const killed = async (...users: readonly string[]) => {
  const world = await setUp()
  const service = await world.start()
  await world.run('send', await world.folder.write('users.json', JSON.stringify(users.map(named))))
  await until('each was tried', async () => {
    const { stdout } = await world.run('deliveries', '--state', 'pending')
    return stdout === 'no deliveries\n'
  })
  service.kill('SIGKILL')
  await service.ended
  return world
}

const page = z.object({ deliveries: z.array(z.object({ id: z.int(), state: z.string() })) })

test('while no service runs, deliveries are listed from its store, which says so beside what scripts read', async () => {
  const { run, store } = await killed('good', 'bad', 'slow')
  const listed = await run('deliveries')
  expect(listed).toMatchObject({ code: 0, stderr: `no service runs: the store ${store} stands in\n` })
  expect(listed.stdout.split('\n')).toEqual([
    expect.stringMatching(/^pending .* slow@example\.com .*its process ended before a result was stored/),
    expect.stringMatching(/^dead .* bad@example\.com .*no room for this one/),
    expect.stringMatching(/^delivered .* good@example\.com /),
    '',
  ])
  const { json } = await run('deliveries', '--state', 'dead', '--json')
  const [dead] = page.parse(json()[0]).deliveries
  expect((await run('delivery', String(dead?.id))).stdout).toMatch(/^dead .*\nevent /)
  expect(await run('delivery', '999')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('error: there is no such delivery'),
  })
  expect((await run('connectors')).stdout).toBe('open       team  ./team.ts\n')
  expect((await run('refused')).stdout).toBe('nothing was refused\n')
})

test('what is done to the store of a stopped service is what it finds when it starts', async () => {
  const { run, start, store } = await killed('good', 'bad', 'slow')
  const paused = await run('pause', '--all')
  expect(paused).toMatchObject({ code: 0, stderr: `no service runs: the store ${store} stands in\n` })
  expect(paused.stdout).toMatch(/^paused {5}team {2}\.\/team\.ts {2}since \d{4}-.*\n$/)
  const retried = await run('retry', '--state', 'dead')
  expect(retried).toEqual(
    expect.objectContaining({
      code: 0,
      stdout: '1 put back\n',
      stderr: `no service runs: the store ${store} stands in\n`,
    }),
  )
  expect(await run('pause', 'taem')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      'error: no connector named taem was configured when the service last started\n  → did you mean team?\n',
    ),
  })
  expect((await run('forget', 'GOOD@example.com')).stdout).toBe('1 event forgotten\n')

  await start()
  const { stdout, stderr } = await run('deliveries')
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^paused .* slow@example\.com .*the process ended while this was in flight/),
    expect.stringMatching(/^paused .* bad@example\.com /),
    expect.stringMatching(/^delivered .* forgotten /),
    '',
  ])
})

test('a configuration for which the service does not start keeps nobody from its store, and orphans nothing', async () => {
  const { folder, port, run, start } = await killed('bad')
  await folder.write(
    'onsignup.yaml',
    CONFIGURATION(port, '  crm: { uses: salesfroce, wiht: {} }\n').replace('team:', 'taem:'),
  )
  await expect(start()).rejects.toThrow('2 mistakes in ./onsignup.yaml')
  expect((await run('pause', 'team')).code).toBe(0)
  expect((await run('backup', folder.at('copy.db'))).code).toBe(0)
  await folder.write('onsignup.yaml', CONFIGURATION(port))
  expect((await run('connectors')).stdout).toMatch(/^paused {5}team /)
  // What would decide where to look must be right.
  await folder.write('onsignup.yaml', 'stor: ./data/onsignup.db\nconnectors: {}\n')
  expect(await run('deliveries')).toMatchObject({ code: 2, stderr: expect.stringContaining('write store') })
})

test('what was left of a connector that is gone is dropped from the store, of the others nothing', async () => {
  const { folder, port, run, start } = await killed('slow')
  await folder.write('onsignup.yaml', CONFIGURATION(port).replace('team:', 'other:'))
  const service = await start()
  service.kill('SIGKILL')
  await service.ended
  expect((await run('drop', 'other')).stdout).toBe('0 dropped\n')
  expect((await run('drop', 'team')).stdout).toBe('1 dropped\n')
  expect((await run('deliveries')).stdout).toMatch(/^skipped .*configured no more\n$/)
})

test('beside a service that answers elsewhere the store is read, and not changed', async () => {
  const { port, run, start, store } = await setUp()
  await start('--port', '0')
  const listed = await run('connectors')
  expect(listed).toMatchObject({ code: 0, stdout: 'open       team  ./team.ts\n' })
  expect(listed.stderr).toBe(
    `no service answers at http://127.0.0.1:${port}, though a process has the store ${store} open: the store stands in\n`,
  )
  expect(await run('pause', 'team')).toMatchObject({
    code: 3,
    stdout: '',
    stderr:
      `error: no service answers at http://127.0.0.1:${port}, and another process has its store ${store} open\n` +
      '  → name that service with --url, or stop it first\n',
  })
})

test('where there is no store, none is made', async () => {
  const { port, run, store } = await setUp()
  for (const args of [['deliveries'], ['pause', 'team']]) {
    expect(await run(...args)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        `no service answers at http://127.0.0.1:${port}, and there is no store ${store}\n`,
      ),
    })
  }
  await expect(access(store)).rejects.toThrow('ENOENT')
})

test('what needs an engine, and a service that was named, are not stood in for', async () => {
  const { folder, port, run } = await killed('good')
  const url = `http://127.0.0.1:${port}`
  const file = await folder.write('one.json', JSON.stringify(named('new')))
  for (const args of [
    ['send', file],
    ['refused', '1'],
    ['deliveries', '--url', url],
    ['pause', 'team', '--url', url],
  ]) {
    expect(await run(...args), args.join(' ')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: `error: no service answers at ${url}\n  → start it with onsignup start, or name another with --url\n`,
    })
  }
})
