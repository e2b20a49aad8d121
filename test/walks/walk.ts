import { mkdtempDisposable } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestClock } from '@onsignup/core/testing'
import { openBooks } from '../faults/kills/books.ts'
import { seeded } from '../faults/kills/random.ts'
import { FarSide, poisonOf } from './far-side.ts'
import { CONNECTORS, startGeneration, type Generation, type World } from './generation.ts'
import { judge } from './invariants.ts'
import { Ledger } from './ledger.ts'

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
/** In a calm world; each user who ends the process takes up to seven. */
const ROUNDS = 150
const MINUTE = 60_000
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** One random walk over a real engine on a real file; the same seed walks the same way. */
export const walk = async (seed: number): Promise<Walked> => {
  await using folder = await mkdtempDisposable(join(FOLDER, 'onsignup-walk-'))
  const path = join(folder.path, 'walk.db')
  const random = seeded(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const ledger = new Ledger()
  const trace: string[] = []
  const time = createTestClock()
  const farSide = new FarSide(random, ledger)
  let jumped = 0
  let crashes = 0
  let events = 0
  let steps = 0

  const world: World = {
    path,
    random,
    ledger,
    farSide,
    // Whoever set the clock of the machine, timers go on.
    clock: (faults) => ({
      now: () => time.now() + jumped,
      after: (ms, wake) => time.after(ms, () => faults.alive && wake()),
      advance: (by) => time.advance(by),
    }),
  }
  const start = async (): Promise<Generation> => {
    const started = await startGeneration(world)
    await turn()
    return started
  }
  let generation = await start()

  const restart = async (): Promise<void> => {
    generation.faults.alive = false
    await generation.store.close()
    // Closing commits what was asked last.
    await turn()
    ledger.crashed()
    generation = await start()
  }
  const crash = async (): Promise<void> => {
    crashes += 1
    await restart()
  }

  const publish = async (id: string, { historical = false } = {}): Promise<void> => {
    const { onsignup, faults } = generation
    const input = { id: `event-${(events += 1)}`, user: { id }, source: { historical } }
    const published = onsignup.tryPublish(input).then((tried) => {
      if (tried.ok && faults.alive && !ledger.forgotten.has(id)) ledger.acknowledged.add(tried.id)
    })
    // A process that ended answers nobody.
    void published
    await turn()
    await turn()
  }

  /** Deletes what ended a while ago, as retention does. */
  const erase = async (ms: number): Promise<void> => {
    const stored = (): ReadonlySet<string> => {
      using books = openBooks(path)
      return books.events()
    }
    const before = stored()
    await generation.store.erase(time.now() + jumped - ms)
    const after = stored()
    for (const event of before) if (!after.has(event)) ledger.erased.add(event)
  }

  const settleDown = async (ms: number): Promise<void> => {
    await time.advance(ms)
    for (let n = 0; n < 3; n += 1) await turn()
  }

  let users = 0
  const anyone = (): string => `user-${below(Math.max(1, users))}`
  const command = (work: Promise<unknown>): void => void work.catch(() => {})

  const act = async (): Promise<string> => {
    const { onsignup, faults, paused } = generation
    const name = CONNECTORS[below(CONNECTORS.length)] ?? 'harmless'
    const draw = random()
    if (draw < 0.36) {
      const first = users
      users += 1 + (random() < 0.3 ? below(6) : 0)
      const historical = random() < 0.3
      for (let user = first; user < users; user += 1) await publish(`user-${user}`, { historical })
      return `accept${historical ? ' as historical' : ''} user-${first} to user-${users - 1}`
    }
    if (draw < 0.4) {
      const user = anyone()
      const historical = random() < 0.2
      await publish(user, { historical })
      return `accept ${user} again${historical ? ' as historical' : ''}`
    }
    if (draw < 0.42) {
      command(onsignup.backfill(name))
      await turn()
      await turn()
      return `backfill ${name}`
    }
    if (draw < 0.44) {
      const user = poisonOf(name, steps)
      await publish(user)
      return `accept ${user}`
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
    if (draw < 0.85) {
      await erase(MINUTE)
      return 'what ended a minute ago is deleted'
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
    await restart()
    return 'stop and start'
  }

  for (; steps < STEPS && ledger.broken === null; steps += 1) {
    trace.push(await act())
    if (!generation.faults.alive) await crash()
  }

  // The world is well again, and whatever was closed is opened: now all must end.
  farSide.calm = true
  if (generation.lacks.length > 0 || random() < 0.5) await crash()
  for (let round = 0; round < ROUNDS && ledger.broken === null; round += 1) {
    // What is parked must open by itself.
    for (const name of generation.paused) command(generation.onsignup.resume(name))
    await settleDown(round < 30 ? 10_000 : 10 * MINUTE)
    if (!generation.faults.alive) await crash()
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
