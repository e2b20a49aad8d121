import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
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
    batch: { max_records: 1 }
    timeout: 400ms
    retry: { initial: 10ms }
  fine:
    uses: ./connector.ts
    with: { url: '${fine}', repeats: harmful }
`

const USERS = 30

const gates = z.object({ connectors: z.array(z.object({ name: z.string(), code: z.string().nullable() })) })

/** Why the connectors of the evil far side are parked, if they are. */
const parkedCodes = async (url: string) => {
  const { connectors } = gates.parse(await (await fetch(`${url}/connectors`)).json())
  return connectors.filter(({ name }) => name !== 'fine').map(({ code }) => code)
}

test.each(['hangs', 'cuts', 'cuts amid its answer', 'floods'] as const)(
  'a far side that %s leaves its own deliveries unknown, closes its gates, and no other is touched',
  async (kind) => {
    await using evil = await startEvil(kind)
    await using fine = await startFarSide({ random: () => 0.5, latency: 5, failing: 0 })
    await using folder = await createFolder()
    await folder.write('connector.ts', await readFile(CONNECTOR, 'utf8'))
    await folder.write('onsignup.yaml', configuration(evil.url, fine.url))
    const { url, kill } = await startService(['--log-level', 'silent'], { cwd: folder.path })
    onTestFinished(() => kill('SIGKILL'))

    const first = (await publish(url, named('first'))).id
    await until('the first one rests', async () => {
      const { evil: asked, held, team } = await deliveriesOf(url, first)
      // Slack is looked into before it is sent to again.
      return [asked, held].every((one) => one?.state === 'unknown') && outcomes(team).length > 1
    })
    const ids = [first]
    for (let user = 1; user < USERS; user += 1) ids.push((await publish(url, named(`user-${user}`))).id)
    await until('the others are delivered', async () => {
      const states = await Promise.all(ids.map((id) => statesOf(url, id)))
      return states.every((state) => state['fine'] === 'delivered')
    })
    await until('the gates are closed', async () =>
      (await parkedCodes(url)).every((code) => code === 'failing'),
    )
    const deliveries = await deliveriesOf(url, first)
    const { team, ...others } = deliveries
    const [sent, ...looked] = outcomes(team)
    // It is not sent again, since Slack does not say either whether it arrived.
    expect([sent, ...new Set(looked)]).toEqual(['unknown', 'retry'])
    const told = Object.entries(others).map(([name, delivery]) => [name, outcomes(delivery)])
    expect(Object.fromEntries(told)).toEqual({
      // The lost answer allows one more; `hold` none.
      evil: ['unknown', 'unknown'],
      held: ['unknown'],
      fine: ['delivered'],
    })
    for (const id of ids) expect(fine.visits('fine', id)).toMatchObject({ arrived: 1, taken: 1 })
  },
)
