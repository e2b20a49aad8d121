import { expect, test } from 'vitest'
import { LARGEST_EVENT } from './bus.ts'
import { OnSignupError, PublishError } from './errors.ts'
import { createMemoryStore } from './store/memory.ts'
import type { Store } from './store/port.ts'
import { createTestOnSignup } from './testing/create-test-onsignup.ts'

const registration = (id = '1', source: object = {}) => ({
  source: { provider: 'custom', eventId: `evt ${id}`, ...source },
  user: { id },
})

test('a registration is stored when publish resolves, with a delivery for each connector', async () => {
  const onsignup = createTestOnSignup()
    .use('one', () => {})
    .use('two', () => {})
  const accepted: unknown[] = []
  onsignup.on('accepted', (told) => accepted.push(told))
  const { id, duplicate } = await onsignup.publish(registration())
  expect(duplicate).toBe(false)
  expect((await onsignup.deliveries(id)).map(({ connector }) => connector)).toEqual(['one', 'two'])
  expect(accepted).toEqual([{ event: id, connectors: ['one', 'two'] }])
})

test('the same registration again is a duplicate with the same id, delivered and told once', async () => {
  let calls = 0
  let told = 0
  const onsignup = createTestOnSignup().use('team', () => void (calls += 1))
  onsignup.on('accepted', () => void (told += 1))
  const first = await onsignup.publish(registration())
  expect(await onsignup.publish(registration())).toEqual({ id: first.id, duplicate: true })
  expect(await onsignup.publish({ source: { provider: 'custom' }, user: { id: '1' } })).toMatchObject({
    duplicate: true,
  })
  await onsignup.drain()
  expect([calls, told]).toEqual([1, 1])
})

test('of the same registration published at the same time, one is accepted', async () => {
  const onsignup = createTestOnSignup().use('team', () => {})
  const published = await Promise.all(Array.from({ length: 20 }, () => onsignup.publish(registration())))
  expect(published.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
  expect(new Set(published.map(({ id }) => id)).size).toBe(1)
})

test('the event id of another user is a conflict, and nothing is stored of it', async () => {
  const onsignup = createTestOnSignup().use('team', () => {})
  await onsignup.publish(registration('1'))
  await expect(onsignup.publish(registration('2', { eventId: 'evt 1' }))).rejects.toMatchObject({
    name: 'PublishError',
    code: 'conflict',
    message: expect.stringContaining('evt 1'),
  })
  expect(await onsignup.deliveries()).toHaveLength(1)
})

test("a provider's test events are each their own, and skipped but where a connector wants them", async () => {
  const delivered: string[] = []
  const onsignup = createTestOnSignup()
    .use('skips', () => void delivered.push('skips'))
    .use('wants', () => void delivered.push('wants'), { on_test: 'deliver' })
  const event = registration('1', { test: true })
  expect(await onsignup.publish(event)).toMatchObject({ duplicate: false })
  expect(await onsignup.publish(event)).toMatchObject({ duplicate: false })
  await onsignup.drain()
  expect(delivered).toEqual(['wants', 'wants'])
  expect(await onsignup.deliveries()).toMatchObject([
    { connector: 'skips', state: 'skipped', reason: 'a test event of the provider' },
    { connector: 'wants', state: 'delivered' },
    { connector: 'skips', state: 'skipped' },
    { connector: 'wants', state: 'delivered' },
  ])
})

test('what is no registration is invalid', async () => {
  const onsignup = createTestOnSignup()
  await expect(onsignup.publish({ user: {} })).rejects.toMatchObject({
    name: 'PublishError',
    code: 'invalid',
  })
})

test('an event of more than 256 KiB is too large, in bytes and not in letters', async () => {
  const onsignup = createTestOnSignup()
  const withMetadata = (text: string) => ({ user: { id: '1', user_metadata: { text } } })
  await expect(onsignup.publish(withMetadata('ä'.repeat(LARGEST_EVENT / 2)))).rejects.toMatchObject({
    name: 'PublishError',
    code: 'too_large',
    message: expect.stringContaining(String(LARGEST_EVENT)),
  })
  await expect(onsignup.publish(withMetadata('x'.repeat(10_000_000)))).rejects.toMatchObject({
    code: 'too_large',
  })
  await expect(onsignup.publish(withMetadata('x'.repeat(LARGEST_EVENT - 2_000)))).resolves.toBeDefined()
})

test('a closed engine takes nothing and says so', async () => {
  const onsignup = createTestOnSignup()
  await onsignup.start()
  await onsignup.close()
  await expect(onsignup.publish(registration())).rejects.toMatchObject({
    name: 'PublishError',
    code: 'closed',
  })
})

test.each([
  ['says why', new OnSignupError('store_unavailable', 'disk full', { mend: 'make room' }), 'make room'],
  ['just fails', new Error('EIO'), 'see the log, then publish it again'],
])('a store that cannot write and %s is store_unavailable, its cause kept', async (_how, cause, mend) => {
  const store: Store = { ...createMemoryStore(), append: () => Promise.reject(cause) }
  const onsignup = createTestOnSignup({ store })
  await expect(onsignup.publish(registration())).rejects.toMatchObject({
    name: 'PublishError',
    code: 'store_unavailable',
    cause,
    mend,
  })
})

test.each([
  [
    'throws at once',
    (): never => {
      throw new Error('EIO')
    },
  ],
  ['answers for no event', async () => []],
])('a store that %s is store_unavailable too', async (_how, append) => {
  const onsignup = createTestOnSignup({ store: { ...createMemoryStore(), append } })
  await expect(onsignup.publish(registration())).rejects.toBeInstanceOf(PublishError)
  await expect(onsignup.publish(registration())).rejects.toMatchObject({ code: 'store_unavailable' })
})

/** A store whose writes of events wait for the test. */
const slowStore = () => {
  const memory = createMemoryStore()
  const writing = Promise.withResolvers<void>()
  const store: Store = {
    ...memory,
    async append(accepts) {
      await writing.promise
      return memory.append(accepts)
    },
  }
  return { store, writing }
}

test('a store that does not answer within 5 s is a timeout', async () => {
  const { store } = slowStore()
  const onsignup = createTestOnSignup({ store })
  await onsignup.start()
  let outcome: unknown = 'waits'
  void onsignup.publish(registration()).catch((error: unknown) => {
    outcome = error
  })
  await onsignup.clock.advance('4999ms')
  expect(outcome).toBe('waits')
  await onsignup.clock.advance('1ms')
  expect(outcome).toMatchObject({
    name: 'PublishError',
    code: 'timeout',
    mend: expect.stringContaining('again'),
  })
})

test('what is stored after the timeout is told and delivered all the same', async () => {
  const { store, writing } = slowStore()
  let calls = 0
  let told = 0
  const onsignup = createTestOnSignup({ store }).use('team', () => void (calls += 1))
  onsignup.on('accepted', () => void (told += 1))
  const tried = onsignup.tryPublish(registration())
  await onsignup.clock.advance('5s')
  expect(await tried).toMatchObject({ ok: false, error: { code: 'timeout' } })
  writing.resolve()
  await onsignup.clock.advance(0)
  expect([calls, told]).toEqual([1, 1])
})

test('a store that fails after the timeout breaks nothing', async () => {
  const { store, writing } = slowStore()
  const onsignup = createTestOnSignup({ store })
  const tried = onsignup.tryPublish(registration())
  await onsignup.clock.advance('5s')
  writing.reject(new Error('EIO'))
  await onsignup.clock.advance(0)
  expect(await tried).toMatchObject({ ok: false, error: { code: 'timeout' } })
})

test('publishing neither waits nor throws for a connector', async () => {
  const onsignup = createTestOnSignup()
    .use('hangs', () => new Promise(() => {}))
    .use('throws', () => {
      throw new Error('down')
    })
  await expect(onsignup.publish(registration())).resolves.toMatchObject({ duplicate: false })
  await onsignup.clock.advance(0)
  await expect(onsignup.publish(registration('2'))).resolves.toMatchObject({ duplicate: false })
})
