import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFolder } from '../support/folder.ts'
import { runProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const configurationOf = (store: string): string => `server: { port: 0 }
store: ./${store}
connectors:
  one: { uses: ./noop.ts }
  two: { uses: ./noop.ts }
`

const listed = z.object({ deliveries: z.array(z.object({ state: z.string() })) })

test('a copy made while the service runs sends nothing again until its connectors are resumed', async () => {
  await using folder = await createFolder()
  const { path: cwd } = folder
  await folder.write('noop.ts', 'export default () => {}\n')
  await folder.write('onsignup.yaml', configurationOf('onsignup.db'))
  await folder.write('copy.yaml', configurationOf('copy.db'))
  await folder.write('ada.json', JSON.stringify(named('ada')))
  await folder.write('bob.json', JSON.stringify(named('bob')))
  const start = async (...args: readonly string[]) => {
    const service = await startService(args, { cwd })
    onTestFinished(() => service.kill('SIGKILL'))
    return service
  }
  const call = (url: string, ...args: readonly string[]) => runProgram([...args, '--url', url], { cwd })
  const states = async (url: string) => {
    const { json } = await call(url, 'deliveries', '--json')
    return listed.parse(json()[0]).deliveries.map(({ state }) => state)
  }

  const original = await start('--log-level', 'silent')
  await call(original.url, 'pause', '--all')
  await call(original.url, 'send', 'ada.json')
  const { code, stdout } = await runProgram(['backup', 'copy.db'], { cwd })
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^copied .*onsignup\.db to .*copy\.db\n$/)])
  expect(await runProgram(['backup', 'copy.db'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('copy.db is there already'),
  })
  await call(original.url, 'resume', '--all')
  await until('both are delivered', async () => (await states(original.url)).join() === 'delivered,delivered')

  const copy = await start('--config', 'copy.yaml', '--log-level', 'warn')
  expect(await states(copy.url)).toEqual(['paused', 'paused'])
  await call(copy.url, 'send', 'bob.json')
  expect(await states(copy.url)).toEqual(['paused', 'paused', 'paused', 'paused'])
  expect(await call(copy.url, 'resume')).toMatchObject({
    code: 2,
    stderr: 'error: resume needs names, or --all\n  → give one or the other\n',
  })
  await call(copy.url, 'resume', '--all')
  await until('all are delivered', async () =>
    (await states(copy.url)).every((state) => state === 'delivered'),
  )
})
