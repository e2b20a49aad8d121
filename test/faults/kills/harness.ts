import { setTimeout as pause } from 'node:timers/promises'
import { startService } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import { openBooks } from './books.ts'
import { startCallers } from './callers.ts'
import { startFarSide } from './far-side.ts'
import { CONCURRENCY, LONGEST_BACKOFF, prepareFolder } from './folder.ts'
import { createInFlight } from './in-flight.ts'
import { seeded } from './random.ts'
import type { KillOptions, KillReport, Settled } from './outcome.ts'
import { judge } from './verdict.ts'

const LATENCY = 10
const FAILING = 0.02
const EARLIEST = 20
const LATEST = 400
/** Between the others kills follow each other, so that a start is itself killed before it has caught up. */
const SETTLES_EVERY = 4
const LONGEST = 120_000

/** Kills the program again and again under load, then looks whether all is as it was promised. */
export const runKills = async (
  options: KillOptions,
  say: (line: string) => void = () => {},
): Promise<KillReport> => {
  const { kills, seed, signal } = options
  await using farSide = await startFarSide({
    random: seeded(seed + 1),
    latency: LATENCY,
    failing: FAILING,
  })
  await using folder = await prepareFolder(farSide.url)
  const moments = seeded(seed)
  const callers = startCallers({ count: options.callers, think: options.think, random: seeded(seed + 2) })
  const countInFlight = createInFlight(farSide)
  const starts: number[] = []
  const settled: Settled[] = []
  const exitCodes: Record<string, number> = {}
  let [inFlight, held, upTo] = [0, 0, 0]

  const start = async () => {
    const before = performance.now()
    const service = await startService(['--log-level', 'silent'], { cwd: folder.path })
    starts.push(performance.now() - before)
    callers.call(service.url)
    return service
  }

  const settle = async (open: number, target: number): Promise<void> => {
    using books = openBooks(folder.at('onsignup.db'))
    const before = performance.now()
    const alone = books.alone()
    await until(`all up to ${target} is settled`, () => books.isSettled(target), LONGEST)
    const took = performance.now() - before
    const allowed = 1_000 + (open / CONCURRENCY) * (LATENCY / 2) + LONGEST_BACKOFF
    settled.push({ open, alone, took, allowed })
  }

  let service = await start()
  let open = 0
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      // The moment is the experiment: nothing that could be waited for tells it.
      await pause(EARLIEST + moments() * (LATEST - EARLIEST))
      service.kill(signal)
      const { code } = await service.ended
      exitCodes[String(code)] = (exitCodes[String(code)] ?? 0) + 1
      // What the process had written still arrives after its end.
      await until('its connections are closed', () => farSide.connections === 0)
      {
        using books = openBooks(folder.at('onsignup.db'))
        const left = countInFlight(books)
        inFlight += left
        held += books.held().length
        upTo = books.newest()
        open = Math.max(0, ...Object.values(books.open()))
        say(`kill ${kill}: ${callers.accepted.size} accepted, ${open} open, ${left} in flight`)
      }
      service = await start()
      if (kill % SETTLES_EVERY === 0 || kill === kills) await settle(open, upTo)
    }
    await callers.stop()
    {
      using books = openBooks(folder.at('onsignup.db'))
      await until('everything is settled', () => books.isSettled(Number.MAX_SAFE_INTEGER), LONGEST)
    }
    service.kill('SIGTERM')
    await service.ended
    using books = openBooks(folder.at('onsignup.db'))
    const verdict = judge(books, farSide, callers.accepted)
    const problems = [...verdict.problems, ...callers.contradictions]
    const { accepted, answers } = callers
    return {
      ...options,
      ...verdict,
      problems,
      accepted: accepted.size,
      answers,
      inFlight,
      held,
      starts,
      settled,
      exitCodes,
    }
  } finally {
    await callers.stop()
    service.kill('SIGKILL')
    await service.ended
  }
}
