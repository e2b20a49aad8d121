import { setTimeout as pause } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFolder } from '../../support/folder.ts'
import { publish } from '../../support/http.ts'
import { startService } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import { startEvil } from '../evil-far-side.ts'
import { openBooks } from '../kills/books.ts'
import { startCallers } from '../kills/callers.ts'
import { startFarSide } from '../kills/far-side.ts'
import { seeded } from '../kills/random.ts'

/** A running program with the connector `fine`, beside one that hangs or alone, and many events behind it. */
export interface One extends AsyncDisposable {
  /** Deliveries of the one that hangs that wait or run. */
  waiting(): number
  /** Publishes so many users, one every so many milliseconds; the milliseconds from each POST to the arrival at `fine`. */
  measure(users: number, every: number): Promise<readonly number[]>
}

const CONNECTOR = join(import.meta.dirname, '../kills/connector.ts')
const CALLERS = 64
const LONGEST = 900_000

const connector = (name: string, url: string) => `
  ${name}:
    uses: ./connector.ts
    with: { url: '${url}', repeats: harmful }
    concurrency: 32
`

/** Starts it and registers so many users. */
export const startOne = async (beside: 'one that hangs' | 'none', events: number): Promise<One> => {
  const all = new AsyncDisposableStack()
  const arrivals = new Map<string, number>()
  const onArrival = (_connector: string, event: string) => void arrivals.set(event, performance.now())
  const far = all.use(await startFarSide({ random: seeded(1), latency: 2, failing: 0, onArrival }))
  const hung = all.use(await startEvil('hangs'))
  const folder = all.use(await createFolder())
  await folder.write('connector.ts', await readFile(CONNECTOR, 'utf8'))
  const hanging = beside === 'none' ? '' : connector('hanging', hung.url)
  await folder.write(
    'onsignup.yaml',
    `server: { port: 0 }\nstore: ./onsignup.db\nconnectors:${connector('fine', far.url)}${hanging}`,
  )
  const service = await startService(['--log-level', 'silent'], { cwd: folder.path })
  all.defer(async () => {
    service.kill('SIGKILL')
    await service.ended
  })
  const open = (connector: string): number => {
    using books = openBooks(folder.at('onsignup.db'))
    return books.open()[connector] ?? 0
  }

  const callers = startCallers({ count: CALLERS, random: seeded(2), think: 0 })
  callers.call(service.url)
  await until('all are accepted', () => callers.accepted.size >= events, LONGEST)
  await callers.stop()
  while (open('fine') > 0) await pause(1_000)

  let measured = 0
  return {
    waiting: () => open('hanging'),
    async measure(users, every) {
      const published: Promise<readonly [id: string, at: number]>[] = []
      for (let user = 0; user < users; user += 1) {
        const at = performance.now()
        measured += 1
        const sent = publish(service.url, { user: { id: `measured-${measured}` } })
        published.push(sent.then(({ id }) => [id, at] as const))
        await pause(every)
      }
      const all = await Promise.all(published)
      await until('all have arrived', () => all.every(([id]) => arrivals.has(id)))
      return all.map(([id, at]) => (arrivals.get(id) ?? Number.NaN) - at)
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
