import { mkdtempDisposable } from 'node:fs/promises'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  definePlugin,
  delivered,
  misconfigured,
  rejected,
  retry,
  throttled,
  unknown,
  type Hook,
  type Outcome,
} from '@onsignup/core'
import {
  createTestClock,
  createTestOnSignup,
  type TestClock,
  type TestOnSignup,
} from '@onsignup/core/testing'
import type { ConnectorRow, Store } from '@onsignup/core/engine'
import { createSqliteStore } from '@onsignup/store'
import { z } from 'zod'
import { openBooks } from '../faults/kills/books.ts'
import { seeded } from '../faults/kills/random.ts'
import { faultyStore, type Faults } from './faulty-store.ts'
import { judge } from './invariants.ts'
import { Ledger } from './ledger.ts'

const CONNECTORS = ['harmless', 'retrying', 'holding'] as const

/** What a walk did, and the promise that it saw broken. */
export interface Walked {
  readonly steps: number
  readonly crashes: number
  readonly deliveries: number
  readonly sends: number
  readonly broken: string | null
  readonly trace: readonly string[]
}

const STEPS = 40
const MINUTE = 60_000
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Generation {
  readonly onsignup: TestOnSignup
  readonly store: Store
  readonly faults: Faults
  readonly paused: Set<string>
}

/** One random walk over a real engine on a real file; the same seed walks the same way. */
export const walk = async (seed: number): Promise<Walked> => {
  await using folder = await mkdtempDisposable(join(FOLDER, 'onsignup-walk-'))
  const path = join(folder.path, 'walk.db')
  const random = seeded(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const ledger = new Ledger()
  const trace: string[] = []
  const world = createTestClock()
  let jumped = 0
  let calm = false
  let crashes = 0
  let events = 0
  let steps = 0

  const clockOf = (faults: Faults): TestClock => ({
    // Whoever set the clock of the machine, timers go on.
    now: () => world.now() + jumped,
    after: (ms, wake) => world.after(ms, () => faults.alive && wake()),
    advance: (by) => world.advance(by),
  })

  /** What the far side makes of a call; null: no answer ever. */
  const answer = (): Outcome | null => {
    if (calm) return delivered()
    const draw = random()
    if (draw < 0.5) return delivered()
    if (draw < 0.62) return retry('HTTP 503')
    if (draw < 0.7) return throttled('slow', { after: 1_000 + below(20_000) })
    if (draw < 0.76) return misconfigured('token revoked')
    if (draw < 0.8) return rejected('bad address')
    if (draw < 0.88) return unknown('connection cut')
    return null
  }

  const hookOf =
    (name: string, paused: ReadonlySet<string>, faults: Faults): Hook =>
    async (event, run) => {
      // The process is gone: its code runs on in this one, but nothing of it reaches the far side.
      if (!faults.alive) return new Promise<Outcome>(() => {})
      const send = ledger.sent(event.id, event.user.id, name)
      if (paused.has(name)) ledger.violate(`9: ${name} is paused, and an attempt started`)
      const outcome = answer()
      send.took =
        outcome?.kind === 'delivered' ||
        (outcome === null || outcome.kind === 'unknown' ? random() < 0.5 : false)
      if (calm) ledger.answeredWell(name)
      if (random() < 0.5) await turn()
      if (outcome === null && !run.signal.aborted) await once(run.signal, 'abort')
      if (outcome === null) throw run.signal.reason
      return outcome
    }

  const start = async (): Promise<Generation> => {
    const faults: Faults = { alive: true, next: null }
    const store = createSqliteStore({ path })
    const stopped = new Set<string>()
    let rows: readonly ConnectorRow[] = []
    const registering: Store = {
      ...store,
      async register(connectors) {
        rows = await store.register(connectors)
        for (const { name, parked, paused } of rows) {
          if (parked === null) ledger.gateOpened(name)
          else ledger.gateClosed(name)
          if (paused !== null) stopped.add(name)
        }
        return rows
      },
    }
    const faulty = faultyStore(
      registering,
      faults,
      ledger,
      (row) => rows.find(({ id }) => id === row)?.name ?? '',
    )
    const onsignup = createTestOnSignup({ store: faulty, clock: clockOf(faults), random })
    const mine: Generation = { onsignup, store, faults, paused: stopped }
    for (const name of CONNECTORS) {
      const plugin = definePlugin({
        name,
        options: z.object({}),
        repeats: name === 'harmless' ? 'harmless' : 'harmful',
        connect: () => ({ postUserRegistration: hookOf(name, stopped, faults) }),
      })
      onsignup.use(name, plugin, {
        concurrency: 2,
        timeout: '5s',
        retry: { max_attempts: 50, max: '30s', max_age: '720h' },
        on_unknown: name === 'holding' ? 'hold' : 'retry',
      })
    }
    onsignup.on('parked', ({ connector }) => faults.alive && ledger.gateClosed(connector))
    onsignup.on('released', ({ connector }) => faults.alive && ledger.gateOpened(connector))
    onsignup.on('paused', ({ connector }) => void mine.paused.add(connector))
    onsignup.on('resumed', ({ connector }) => void mine.paused.delete(connector))
    await onsignup.start()
    await turn()
    return mine
  }
  let generation = await start()

  const crash = async (): Promise<void> => {
    generation.faults.alive = false
    crashes += 1
    await generation.store.close()
    generation = await start()
  }

  const publish = async (id: string): Promise<void> => {
    const { onsignup, faults } = generation
    const published = onsignup.tryPublish({ id: `event-${(events += 1)}`, user: { id } }).then((tried) => {
      if (tried.ok && faults.alive && !ledger.forgotten.has(id)) ledger.acknowledged.add(tried.id)
    })
    // A process that ended answers nobody.
    void published
    await turn()
    await turn()
  }

  const settleDown = async (ms: number): Promise<void> => {
    await world.advance(ms)
    for (let n = 0; n < 3; n += 1) await turn()
  }

  let users = 0
  const anyone = (): string => `user-${below(Math.max(1, users))}`
  const command = (work: Promise<unknown>): void => void work.catch(() => {})

  const act = async (): Promise<string> => {
    const { onsignup, faults, paused } = generation
    const name = CONNECTORS[below(3)] ?? 'harmless'
    const draw = random()
    if (draw < 0.36) {
      const first = users
      users += 1 + (random() < 0.3 ? below(6) : 0)
      for (let user = first; user < users; user += 1) await publish(`user-${user}`)
      return `accept user-${first} to user-${users - 1}`
    }
    if (draw < 0.44) {
      await publish(anyone())
      return 'accept a repeat'
    }
    if (draw < 0.66) {
      const ms = [1_000, 6_000, 30_000, 5 * MINUTE][below(4)] ?? 1_000
      await settleDown(ms)
      return `${ms} ms pass`
    }
    if (draw < 0.78) {
      await crash()
      return 'crash'
    }
    if (draw < 0.84) {
      faults.next = random() < 0.7 ? 'refused' : 'answer lost'
      return `the next write is ${faults.next}`
    }
    if (draw < 0.87) {
      jumped += (random() < 0.5 ? -1 : 1) * below(60 * MINUTE)
      return 'the clock jumps'
    }
    if (draw < 0.9) {
      if (paused.has(name)) command(onsignup.resume(name))
      else command(onsignup.pause(name))
      await turn()
      await turn()
      return `pause or resume ${name}`
    }
    if (draw < 0.92) {
      command(onsignup.retry({ state: random() < 0.5 ? 'unknown' : 'dead', connector: null }))
      await turn()
      await turn()
      return 'retry what is unknown or dead'
    }
    if (draw < 0.96 && users > 0) {
      const user = anyone()
      const theirs = onsignup.forget(user)
      command(
        theirs.then((events) => {
          if (faults.alive && events > 0) ledger.forgotten.add(user)
        }),
      )
      await turn()
      await turn()
      return `forget ${user}`
    }
    if (draw < 0.98) {
      const all = [...ledger.deliveries.keys()]
      const delivery = all[below(Math.max(1, all.length))]
      if (delivery !== undefined) command(onsignup.retry({ delivery, again: true }))
      await turn()
      await turn()
      return `retry ${delivery} again`
    }
    command(onsignup.close())
    await settleDown(2_000)
    faults.alive = false
    await generation.store.close()
    generation = await start()
    return 'stop and start'
  }

  for (; steps < STEPS && ledger.broken === null; steps += 1) trace.push(await act())

  // The world is well again, and whatever was closed is opened: now all must end.
  calm = true
  if (random() < 0.5) await crash()
  for (let hour = 0; hour < 60 && ledger.broken === null; hour += 1) {
    // What is parked must open by itself.
    for (const name of generation.paused) command(generation.onsignup.resume(name))
    await settleDown(hour < 30 ? 10_000 : 10 * MINUTE)
    using books = openBooks(path)
    if (Object.values(books.open()).every((open) => open === 0)) break
  }
  ledger.judgeGates()
  generation.faults.alive = false
  await generation.store.close()
  using books = openBooks(path)
  const entries = [...books.all()]
  if (ledger.broken === null) judge(ledger, entries, books.events())
  const sends = [...ledger.deliveries.values()].reduce((sum, seen) => sum + seen.sends.length, 0)
  return { steps, crashes, deliveries: entries.length, sends, broken: ledger.broken, trace }
}
