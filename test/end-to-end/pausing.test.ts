import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFolder } from '../support/folder.ts'
import { runProgram, startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const CONFIGURATION = `server: { port: 0 }
store: ./onsignup.db
connectors:
  team: { uses: ./team.ts }
`

const listed = z.object({ deliveries: z.array(z.object({ state: z.string() })) })
const gate = z.object({ name: z.string(), uses: z.string(), gate: z.string(), since: z.string().nullable() })

test('a connector is paused by command, stays so over a kill, and delivers what waited when it is resumed', async () => {
  await using folder = await createFolder()
  const { path: cwd } = folder
  await folder.write('team.ts', 'export default () => {}\n')
  await folder.write('onsignup.yaml', CONFIGURATION)
  await folder.write('ada.json', JSON.stringify(named('ada')))
  const start = async () => {
    const service = await startService(['--log-level', 'silent'], { cwd })
    onTestFinished(() => service.kill('SIGKILL'))
    return service
  }
  const call = (url: string, ...args: readonly string[]) => runProgram([...args, '--url', url], { cwd })
  const states = async (url: string) => {
    const { json } = await call(url, 'deliveries', '--json')
    return listed.parse(json()[0]).deliveries.map(({ state }) => state)
  }

  const first = await start()
  expect((await call(first.url, 'pause', 'team')).stdout).toMatch(
    /^paused {5}team {2}\.\/team\.ts {2}since \d{4}-/,
  )
  await call(first.url, 'send', 'ada.json')
  expect(await states(first.url)).toEqual(['paused'])
  first.kill('SIGKILL')
  await first.ended

  const second = await start()
  expect(await states(second.url)).toEqual(['paused'])
  const { json } = await call(second.url, 'connectors', '--json')
  expect(gate.parse(json()[0])).toMatchObject({ name: 'team', uses: './team.ts', gate: 'paused' })
  expect(await call(second.url, 'resume', 'taem')).toMatchObject({
    code: 1,
    stderr: 'error: no connector named taem is configured\n  → did you mean team?\n',
  })
  expect((await call(second.url, 'resume', 'team')).stdout).toBe('open       team  ./team.ts\n')
  await until('it is delivered', async () => (await states(second.url))[0] === 'delivered')
})
