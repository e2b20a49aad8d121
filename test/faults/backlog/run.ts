import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createFolder } from '../../support/folder.ts'
import { publish } from '../../support/http.ts'
import { startService, type Service } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import { openBooks } from '../kills/books.ts'
import { startFarSide } from '../kills/far-side.ts'
import { seeded } from '../kills/random.ts'
import { fillStore } from './fill.ts'

const CONNECTOR = join(import.meta.dirname, '../kills/connector.ts')
const EVERY = 10

const configuration = (url: string) => `
server: { port: 0 }
store: ./onsignup.db
connectors:
  waits:
    uses: ./connector.ts
    with: { url: '${url}', repeats: harmful }
    concurrency: 32
  fine:
    uses: ./connector.ts
    with: { url: '${url}', repeats: harmful }
    concurrency: 32
`

/** Milliseconds from a POST to the arrival at the far side of `fine`. */
export type Latencies = readonly number[]

export interface BacklogReport {
  readonly waiting: number
  /** Milliseconds from the start of the process until it listens: on the backlog, and after a kill. */
  readonly starts: readonly number[]
  readonly besideWaiting: Latencies
  readonly besideDraining: Latencies
  /** Milliseconds that the newest fifty of those that wait take to be listed. */
  readonly listed: number
  /** Deliveries of `waits` that wait after the kill. */
  readonly afterKill: number
  /** Of `waits`, a second, once it was resumed. */
  readonly drained: number
  /** The most memory that the process had, in MB. */
  readonly peak: number
  /** Deliveries that arrived more than once. */
  readonly repeats: number
  /** Of `waits`, at the end; 0 when it was awaited. */
  readonly left: number
}

const peakOf = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024
}

const took = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * Starts the program on a store in which so many deliveries of one connector wait, kills it, lets them go, and measures
 * another connector meanwhile. `drain`: until all are delivered, or for so many milliseconds.
 */
export const runBacklog = async (
  waiting: number,
  { users, drain, say = () => {} }: { users: number; drain: 'all' | number; say?: (line: string) => void },
): Promise<BacklogReport> => {
  await using folder = await createFolder()
  const path = folder.at('onsignup.db')
  const arrivals = new Map<string, number>()
  let arrived = 0
  let repeats = 0
  const onArrival = (connector: string, event: string) => {
    const key = `${connector} ${event}`
    if (arrivals.has(key)) repeats += 1
    else arrivals.set(key, performance.now())
    if (connector === 'waits') arrived += 1
  }
  await using far = await startFarSide({ random: seeded(1), latency: 2, failing: 0, onArrival })
  await folder.write('connector.ts', await readFile(CONNECTOR, 'utf8'))
  await folder.write('onsignup.yaml', configuration(far.url))
  await fillStore(path, waiting)
  say(`${waiting} deliveries are in the store`)

  const open = (): number => {
    using books = openBooks(path)
    return books.open()['waits'] ?? 0
  }
  let service: Service | undefined
  const starts: number[] = []
  const start = async (): Promise<Service> => {
    starts.push(
      await took(async () => {
        service = await startService(['--log-level', 'silent'], { cwd: folder.path })
      }),
    )
    if (service === undefined) throw new Error('it did not start')
    return service
  }
  const kill = async (running: Service): Promise<void> => {
    running.kill('SIGKILL')
    await running.ended
  }
  let measured = 0
  const measure = async ({ url }: Service): Promise<Latencies> => {
    const sent: Promise<readonly [event: string, at: number]>[] = []
    for (let user = 0; user < users; user += 1) {
      const at = performance.now()
      measured += 1
      sent.push(publish(url, { user: { id: `measured-${measured}` } }).then(({ id }) => [id, at] as const))
      await pause(EVERY)
    }
    const all = await Promise.all(sent)
    await until('all have arrived', () => all.every(([id]) => arrivals.has(`fine ${id}`)), 60_000)
    return all.map(([id, at]) => (arrivals.get(`fine ${id}`) ?? Number.NaN) - at)
  }

  const first = await start()
  try {
    const besideWaiting = await measure(first)
    const listed = await took(async () =>
      (await fetch(`${first.url}/deliveries?state=paused&limit=50`)).arrayBuffer(),
    )
    say(`it was started and asked; ${open()} wait`)
    await kill(first)
    const afterKill = open()
    const second = await start()
    await fetch(`${second.url}/connectors/waits/resume`, { method: 'POST' })
    const began = performance.now()
    const before = arrived
    const besideDraining = await measure(second)
    const isDrained = () => open() === 0
    if (drain === 'all') await until('all are delivered', isDrained, 120_000)
    else await pause(Math.max(0, drain - (performance.now() - began)))
    const drained = ((arrived - before) / (performance.now() - began)) * 1_000
    const peak = await peakOf(second.pid)
    say(`${arrived} of those that waited were delivered`)
    await kill(second)
    const left = open()
    return {
      waiting,
      starts,
      besideWaiting,
      besideDraining,
      listed,
      afterKill,
      drained,
      peak,
      repeats,
      left,
    }
  } finally {
    if (service !== undefined) await kill(service)
  }
}
