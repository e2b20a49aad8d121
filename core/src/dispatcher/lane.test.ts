import { expect, test } from 'vitest'
import type { Hook } from '../contract.ts'
import { OnSignupError } from '../errors.ts'
import { delivered, misconfigured, rejected, retry, unknown } from '../outcome.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { Store } from '../store/port.ts'
import { createTestOnSignup } from '../testing/create-test-onsignup.ts'

const user = (id: string) => ({ user: { id } })

const hang: Hook = (_event, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const broken = () => new OnSignupError('store_unavailable', 'disk full')

test('no more than `concurrency` attempts run at once, and every slot is used again', async () => {
  let running = 0
  let most = 0
  const onsignup = createTestOnSignup()
  onsignup.use(
    'team',
    async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => onsignup.clock.after(1_000, resolve))
      running -= 1
    },
    { concurrency: 3 },
  )
  for (let id = 0; id < 10; id += 1) await onsignup.publish(user(String(id)))
  await onsignup.clock.advance('3s')
  expect(most).toBe(3)
  expect((await onsignup.deliveries()).filter(({ state }) => state === 'delivered')).toHaveLength(9)
  await onsignup.clock.advance('1s')
  expect((await onsignup.deliveries()).every(({ state }) => state === 'delivered')).toBe(true)
})

test('a connector that fails, hangs or throws at once delays no other', async () => {
  const onsignup = createTestOnSignup()
    .use('hangs', hang, { concurrency: 1 })
    .use('fails', () => Promise.reject(new Error('down')))
    .use('throws', () => {
      throw new Error('at once')
    })
    .use('fine', () => {})
  for (const id of ['1', '2', '3']) await onsignup.publish(user(id))
  await onsignup.clock.advance(0)
  const states = async (connector: string) =>
    (await onsignup.deliveries()).filter((each) => each.connector === connector).map(({ state }) => state)
  expect(await states('fine')).toEqual(['delivered', 'delivered', 'delivered'])
  expect(await states('hangs')).toEqual(['running', 'running', 'running'])
  expect(await states('fails')).toEqual(['waiting', 'waiting', 'waiting'])
  expect(await states('throws')).toEqual(['waiting', 'waiting', 'waiting'])
})

test('a failed delivery is tried again when its backoff is over, not before', async () => {
  let calls = 0
  const onsignup = createTestOnSignup().use('team', () => {
    calls += 1
    return calls === 1 ? retry('down') : delivered()
  })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('999ms')
  expect(calls).toBe(1)
  await onsignup.clock.advance('1ms')
  expect(calls).toBe(2)
})

test('a wake-up is never lost, however it falls into what the lane is doing', async () => {
  for (let moment = 0; moment < 80; moment += 1) {
    const onsignup = createTestOnSignup().use('team', () => {})
    await onsignup.publish(user('1'))
    for (let tick = 0; tick < moment; tick += 1) await Promise.resolve()
    void onsignup.publish(user('2'))
    await onsignup.clock.advance(0)
    const states = (await onsignup.deliveries()).map(({ state }) => state)
    expect(states, `after ${moment} ticks`).toEqual(['delivered', 'delivered'])
  }
})

test('each settled attempt is told once it is stored', async () => {
  const told: unknown[] = []
  const onsignup = createTestOnSignup().use('team', () => (told.length === 0 ? retry('down') : undefined))
  onsignup.on('settled', ({ connector, state, attempt }) => told.push([connector, state, attempt.outcome]))
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1m')
  expect(told).toEqual([
    ['team', 'open', 'retry'],
    ['team', 'delivered', 'delivered'],
  ])
})

test('a dead delivery that is retried by hand begins anew', async () => {
  let refuses = true
  const onsignup = createTestOnSignup().use('team', () => (refuses ? rejected('no') : undefined))
  await onsignup.publish(user('1'))
  await onsignup.drain()
  refuses = false
  expect(await onsignup.retry({ state: 'dead', connector: 'team' })).toMatchObject({ kind: 'retried' })
  await onsignup.drain()
  expect(await onsignup.deliveries()).toMatchObject([
    {
      state: 'delivered',
      reason: null,
      tries: 0,
      attempts: [{ outcome: 'rejected' }, { outcome: 'delivered' }],
    },
  ])
})

test('what was delivered is sent again only with `again`, and under another key', async () => {
  const keys: string[] = []
  const onsignup = createTestOnSignup().use(
    'team',
    (_event, { idempotencyKey }) => void keys.push(idempotencyKey),
  )
  await onsignup.publish(user('1'))
  await onsignup.drain()
  const [first] = await onsignup.deliveries()
  const delivery = first?.id ?? 0
  expect(await onsignup.retry({ delivery, again: false })).toEqual({ kind: 'delivered' })
  expect(await onsignup.retry({ delivery, again: true })).toMatchObject({ kind: 'retried' })
  await onsignup.drain()
  expect(new Set(keys).size).toBe(2)
})

test('a store that fails to hand out is asked again', async () => {
  const memory = createMemoryStore()
  let fails = 2
  const store: Store = {
    ...memory,
    claim: (...args) => ((fails -= 1) >= 0 ? Promise.reject(broken()) : memory.claim(...args)),
  }
  const onsignup = createTestOnSignup({ store }).use('team', () => {})
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('2s')
  expect(await onsignup.deliveries()).toMatchObject([{ state: 'delivered', attempts: [{}] }])
  expect(onsignup.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(2)
})

test('a result that the store refuses is kept until it is stored, and nothing is sent twice for it', async () => {
  const memory = createMemoryStore()
  let fails = 3
  const store: Store = {
    ...memory,
    settle: (...args) => ((fails -= 1) >= 0 ? Promise.reject(broken()) : memory.settle(...args)),
  }
  let calls = 0
  const onsignup = createTestOnSignup({ store }).use('team', () => void (calls += 1))
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('2s')
  expect(await onsignup.deliveries()).toMatchObject([{ state: 'running' }])
  await onsignup.clock.advance('1s')
  expect(await onsignup.deliveries()).toMatchObject([{ state: 'delivered' }])
  expect(calls).toBe(1)
})

test.each([
  ['hold', true],
  ['retry', false],
] as const)(
  'with on_unknown: %s the begin mark is durable before the hook runs: %j',
  async (on_unknown, isMarked) => {
    const memory = createMemoryStore()
    const seen: string[] = []
    const store: Store = {
      ...memory,
      async begin(runs, mark) {
        await memory.begin(runs, mark)
        seen.push('begun')
      },
    }
    const onsignup = createTestOnSignup({ store }).use('team', () => void seen.push('sent'), { on_unknown })
    await onsignup.publish(user('1'))
    await onsignup.drain()
    expect(seen).toEqual(isMarked ? ['begun', 'sent'] : ['sent'])
  },
)

test('stopping aborts what runs; none of it is counted, and it is due at once after the next start', async () => {
  const store = createMemoryStore()
  const reasons: unknown[] = []
  const onsignup = createTestOnSignup({ store }).use('team', (event, run) => {
    run.signal.addEventListener('abort', () => reasons.push(run.signal.reason))
    return hang(event, run)
  })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1s')
  await onsignup.close()
  expect(reasons).toMatchObject([{ name: 'AbortError', message: 'the engine stops' }])

  const next = createTestOnSignup({ store, clock: onsignup.clock }).use('team', () => {})
  await next.start()
  await next.drain()
  expect(await next.deliveries()).toMatchObject([
    {
      state: 'delivered',
      tries: 0,
      attempts: [{ outcome: 'unknown', code: 'stopped' }, { outcome: 'delivered' }],
    },
  ])
})

test('what would not be sent again is unknown after a stop', async () => {
  const store = createMemoryStore()
  const onsignup = createTestOnSignup({ store }).use('team', hang, { on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  await onsignup.close()
  await store.open(onsignup.clock.now())
  expect(await store.deliveries({ limit: 1 }, onsignup.clock.now())).toMatchObject([
    { state: 'unknown', reason: 'the engine stopped before an answer came' },
  ])
})

test('a hook that ends by itself while the engine stops is settled as what it is', async () => {
  const store = createMemoryStore()
  const onsignup = createTestOnSignup({ store }).use(
    'team',
    (_event, { signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(delivered('just in time')))),
  )
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  await onsignup.close()
  await store.open(onsignup.clock.now())
  expect(await store.deliveries({ limit: 1 }, onsignup.clock.now())).toMatchObject([{ state: 'delivered' }])
})

test('a deaf hook does not keep the engine from stopping', async () => {
  const onsignup = createTestOnSignup().use('team', () => new Promise(() => {}))
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  await expect(onsignup.close()).resolves.toBeUndefined()
})

/** A store whose deliveries are born free, so that they have to be claimed. */
const freeBorn = (store: Store): Store => ({
  ...store,
  append: (accepts) =>
    store.append(
      accepts.map((accept) => ({
        ...accept,
        deliveries: accept.deliveries.map((birth) => ({ ...birth, hold: false })),
      })),
    ),
})

test('what is born while nothing waits runs from memory: no claim is written', async () => {
  const memory = createMemoryStore()
  let claims = 0
  const store: Store = {
    ...memory,
    claim(...args) {
      claims += 1
      return memory.claim(...args)
    },
  }
  const onsignup = createTestOnSignup({ store }).use('team', () => {}, { concurrency: 2 })
  await onsignup.start()
  await onsignup.clock.advance(0)
  const before = claims
  for (let id = 0; id < 10; id += 1) await onsignup.publish(user(String(id)))
  await onsignup.clock.advance(0)
  expect((await onsignup.deliveries()).every(({ state }) => state === 'delivered')).toBe(true)
  expect(claims).toBe(before)
})

test('what is born behind a closed gate is born free, and what was in memory is given back', async () => {
  const memory = createMemoryStore()
  const onsignup = createTestOnSignup({ store: memory }).use('team', () => misconfigured('revoked'), {
    concurrency: 1,
  })
  await onsignup.start()
  await onsignup.clock.advance(0)
  await Promise.all(['1', '2', '3'].map((id) => onsignup.publish(user(id))))
  await onsignup.clock.advance(0)
  await onsignup.publish(user('4'))
  const views = await onsignup.deliveries()
  expect(views.map(({ state }) => state)).toEqual(['parked', 'parked', 'parked', 'parked'])
  expect(views.map(({ attempts }) => attempts.length)).toEqual([1, 0, 0, 0])
})

test('what is in memory when the engine stops is handed back, unsent and not lost', async () => {
  const memory = createMemoryStore()
  let calls = 0
  const slow: Hook = () => {
    calls += 1
    return new Promise(() => {})
  }
  const onsignup = createTestOnSignup({ store: memory }).use('team', slow, { concurrency: 1 })
  await onsignup.start()
  await onsignup.clock.advance(0)
  for (const id of ['1', '2', '3']) await onsignup.publish(user(id))
  await onsignup.clock.advance(0)
  await onsignup.close()
  expect(calls).toBe(1)
  await memory.open(onsignup.clock.now())
  const views = await memory.deliveries({ limit: 10 }, onsignup.clock.now())
  expect(views.map(({ state, attempts }) => [state, attempts.length])).toEqual([
    ['pending', 0],
    ['pending', 0],
    ['pending', 1],
  ])
})

test('what was handed out while the engine stopped is handed back, unsent and not lost', async () => {
  const memory = freeBorn(createMemoryStore())
  const handingOut = Promise.withResolvers<void>()
  const store: Store = {
    ...memory,
    async claim(...args) {
      const claims = await memory.claim(...args)
      if (claims.length > 0) await handingOut.promise
      return claims
    },
  }
  let calls = 0
  const onsignup = createTestOnSignup({ store }).use('team', () => void (calls += 1))
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  const closing = onsignup.close()
  handingOut.resolve()
  await closing
  expect(calls).toBe(0)
  await memory.open(onsignup.clock.now())
  expect(await memory.deliveries({ limit: 1 }, onsignup.clock.now())).toMatchObject([
    { state: 'pending', attempts: [] },
  ])
})

test('nothing starts once the engine stopped, not even what was about to be marked as begun', async () => {
  const memory = createMemoryStore()
  const beginning = Promise.withResolvers<void>()
  const store: Store = {
    ...memory,
    async begin(runs, mark) {
      await memory.begin(runs, mark)
      await beginning.promise
    },
  }
  let calls = 0
  const onsignup = createTestOnSignup({ store }).use('team', () => void (calls += 1), { on_unknown: 'hold' })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance(0)
  const closing = onsignup.close()
  beginning.resolve()
  await closing
  expect(calls).toBe(0)
  await memory.open(onsignup.clock.now())
  expect(await memory.deliveries({ limit: 1 }, onsignup.clock.now())).toMatchObject([{ state: 'pending' }])
})

test('after a lost answer the wait is a backoff too', async () => {
  const at: number[] = []
  const onsignup = createTestOnSignup()
  onsignup.use('team', () => {
    at.push(onsignup.clock.now())
    return unknown('lost')
  })
  await onsignup.publish(user('1'))
  await onsignup.clock.advance('1h')
  expect(at.map((time) => time - (at[0] ?? 0))).toEqual([0, 1_000])
})
