import { definePlugin } from '@onsignup/core'
import type { ConnectorRow, Store } from '@onsignup/core/engine'
import { createTestOnSignup, type TestClock, type TestOnSignup } from '@onsignup/core/testing'
import { createSqliteStore } from '@onsignup/store'
import { z } from 'zod'
import type { FarSide } from './far-side.ts'
import { faultyStore, type Faults } from './faulty-store.ts'
import type { Ledger } from './ledger.ts'

export const CONNECTORS = ['harmless', 'retrying', 'holding', 'batched'] as const

/** The engine from one start to its end. */
export interface Generation {
  readonly onsignup: TestOnSignup
  readonly store: Store
  readonly faults: Faults
  /** Connectors that an operator keeps closed. */
  readonly paused: ReadonlySet<string>
  /** Connectors that its configuration leaves out. */
  readonly lacks: readonly string[]
}

export interface World {
  readonly path: string
  readonly clock: (faults: Faults) => TestClock
  readonly random: () => number
  readonly ledger: Ledger
  readonly farSide: FarSide
}

/** Starts the engine with a configuration that is drawn anew, but for what the promises are about. */
export const startGeneration = async ({
  path,
  clock,
  random,
  ledger,
  farSide,
}: World): Promise<Generation> => {
  const faults: Faults = { alive: true, next: null }
  const store = createSqliteStore({ path })
  const paused = new Set<string>()
  let rows: readonly ConnectorRow[] = []
  const registering: Store = {
    ...store,
    async register(connectors) {
      rows = await store.register(connectors)
      for (const { name, parked, paused: since } of rows) {
        if (parked === null) ledger.gateOpened(name)
        else ledger.gateClosed(name)
        if (since !== null) paused.add(name)
      }
      return rows
    },
  }
  const nameOf = (row: number): string => rows.find(({ id }) => id === row)?.name ?? ''
  const faulty = faultyStore(registering, faults, ledger, nameOf)
  const onsignup = createTestOnSignup({ store: faulty, clock: clock(faults), random })
  const lacks: string[] = []
  for (const name of CONNECTORS) {
    const isConfigured = farSide.calm || random() < 0.9
    if (!isConfigured) {
      lacks.push(name)
      continue
    }
    const { one, many } = farSide.hooks(name, paused, faults)
    const plugin = definePlugin({
      name,
      options: z.object({}),
      repeats: name === 'harmless' ? 'harmless' : 'harmful',
      connect: () => ({
        postUserRegistration: one,
        ...(name === 'batched' ? { postUserRegistrationBatch: many } : {}),
      }),
    })
    onsignup.use(name, plugin, {
      concurrency: 1 + Math.floor(random() * 3),
      timeout: '5s',
      retry: { max_attempts: 50, max: '30s', max_age: '720h' },
      on_unknown: name === 'holding' ? 'hold' : 'retry',
      ...(random() < 0.2 ? { rate: '2/s' } : {}),
      ...(name === 'batched' ? { batch: { max_records: 1 + Math.floor(random() * 4), max_wait: '1s' } } : {}),
    })
  }
  onsignup.on('parked', ({ connector }) => faults.alive && ledger.gateClosed(connector))
  onsignup.on('released', ({ connector }) => faults.alive && ledger.gateOpened(connector))
  onsignup.on('paused', ({ connector }) => void paused.add(connector))
  onsignup.on('resumed', ({ connector }) => void paused.delete(connector))
  await onsignup.start()
  return { onsignup, store, faults, paused, lacks }
}
