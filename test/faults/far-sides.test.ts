import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { deliveriesOf, outcomes, publish, statesOf } from '../support/http.ts'
import { startService } from '../support/program.ts'
import { named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { startEvil } from './evil-far-side.ts'
import { startFarSide } from './kills/far-side.ts'

const CONNECTOR = join(import.meta.dirname, 'kills/connector.ts')

const configuration = (evil: string, fine: string) => `
server: { port: 0 }
store: ./onsignup.db
connectors:
  evil:
    uses: ./connector.ts
    with: { url: '${evil}', repeats: harmful }
    timeout: 400ms
    retry: { initial: 10ms }
  held:
    uses: ./connector.ts
    with: { url: '${evil}', repeats: harmful }
    timeout: 400ms
    on_unknown: hold
  team:
    uses: slack
    with: { api_url: '${evil}', token: xoxb-1, channel: C0000000001 }
    timeout: 400ms
    retry: { initial: 10ms }
  fine:
    uses: ./connector.ts
    with: { url: '${fine}', repeats: harmful }
`

const USERS = 30

test.each(['hangs', 'cuts', 'cuts amid its answer', 'floods'] as const)(
  'a far side that %s leaves its own deliveries unknown, and no other is touched',
  async (kind) => {
    await using evil = await startEvil(kind)
    await using fine = await startFarSide({ random: () => 0.5, latency: 5, failing: 0 })
    await using folder = await createFolder()
    await folder.write('connector.ts', await readFile(CONNECTOR, 'utf8'))
    await folder.write('onsignup.yaml', configuration(evil.url, fine.url))
    const { url, kill } = await startService(['--log-level', 'silent'], { cwd: folder.path })
    onTestFinished(() => kill('SIGKILL'))

    const ids: string[] = []
    for (let user = 0; user < USERS; user += 1) ids.push((await publish(url, named(`user-${user}`))).id)
    await until('the others are delivered', async () => {
      const states = await Promise.all(ids.map((id) => statesOf(url, id)))
      return states.every((state) => state['fine'] === 'delivered')
    })
    const [first = ''] = ids
    await until('the first one rests', async () => {
      const { evil: asked, held, team } = await statesOf(url, first)
      return [asked, held, team].every((state) => state === 'unknown')
    })
    const deliveries = await deliveriesOf(url, first)
    const told = Object.entries(deliveries).map(([name, delivery]) => [name, outcomes(delivery)])
    expect(Object.fromEntries(told)).toEqual({
      // The lost answer allows one more; `hold` none.
      evil: ['unknown', 'unknown'],
      held: ['unknown'],
      team: ['unknown', 'unknown'],
      fine: ['delivered'],
    })
    for (const id of ids) expect(fine.visits('fine', id)).toMatchObject({ arrived: 1, taken: 1 })
  },
)
