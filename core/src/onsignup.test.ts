import { expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin } from './define-plugin.ts'
import { OnSignupError, PublishError } from './errors.ts'
import { createMemoryStore } from './store/memory.ts'
import type { Store } from './store/port.ts'
import { createTestOnSignup } from './testing/create-test-onsignup.ts'

const user = { user: { id: '1' } }

/** A store that keeps count of its openings and closings. */
const countedStore = () => {
  const counts = { opened: 0, closed: 0 }
  const memory = createMemoryStore()
  const store: Store = {
    ...memory,
    async open(now) {
      counts.opened += 1
      await memory.open(now)
    },
    async close() {
      counts.closed += 1
      await memory.close()
    },
  }
  return { counts, store }
}

const plugin = (connect: () => void) =>
  definePlugin({
    name: 'hello',
    options: z.strictObject({ greeting: z.string().default('Hello') }),
    connect() {
      connect()
      return { postUserRegistration() {} }
    },
  })

test('an engine is inert until it is first used, so that a build may import it', async () => {
  const { counts, store } = countedStore()
  let connected = 0
  const onsignup = createTestOnSignup({ store }).use(
    'team',
    plugin(() => void (connected += 1)),
  )
  await Promise.resolve()
  expect([connected, counts.opened]).toEqual([0, 0])
  await onsignup.publish(user)
  expect([connected, counts.opened]).toEqual([1, 1])
})

test('however often and whoever starts it, it starts once', async () => {
  const { counts, store } = countedStore()
  const onsignup = createTestOnSignup({ store })
  await Promise.all([onsignup.start(), onsignup.start(), onsignup.publish(user), onsignup.tryPublish(user)])
  expect(counts.opened).toBe(1)
})

test.each(['start', 'publish'] as const)('use after %s is refused, from its first moment on', async (how) => {
  const onsignup = createTestOnSignup()
  const running = how === 'start' ? onsignup.start() : onsignup.publish(user)
  expect(() => onsignup.use('late', () => {})).toThrow(
    expect.objectContaining({ code: 'started_already', message: expect.stringContaining("use('late')") }),
  )
  await running
})

test('two connectors of one name are refused', () => {
  const onsignup = createTestOnSignup().use('team', () => {})
  expect(() => onsignup.use('team', () => {})).toThrow(
    expect.objectContaining({ code: 'connector_duplicate', message: 'two connectors are named team' }),
  )
})

test.each(['', 'Team', '1st', 'a b', '../x', 'x'.repeat(64)])('%j is no name of a connector', (name) => {
  expect(() => createTestOnSignup().use(name, () => {})).toThrow(
    expect.objectContaining({ code: 'connector_invalid' }),
  )
})

test('what can be used is chained, and what cannot is refused', () => {
  const onsignup = createTestOnSignup()
  expect(
    onsignup
      .use('a', () => {})
      .use(
        'b_2-c',
        plugin(() => {}),
        { with: { greeting: 'Hi' } },
      ),
  ).toBe(onsignup)
  const imported: unknown = JSON.parse('{ "default": {} }')
  expect(() => Reflect.apply(onsignup.use, onsignup, ['c', imported])).toThrow(
    expect.objectContaining({ code: 'connector_invalid' }),
  )
})

test('wrong options show where the program starts; publish tells them as its cause, and never as anything else', async () => {
  const misspelt = { with: { greeting: 'Hi', greetin: 'Hi' } }
  const onsignup = createTestOnSignup().use(
    'team',
    plugin(() => {}),
    misspelt,
  )
  await expect(onsignup.start()).rejects.toMatchObject({ code: 'options_invalid' })
  await expect(onsignup.publish(user)).rejects.toMatchObject({
    name: 'PublishError',
    code: 'store_unavailable',
    mend: expect.stringContaining('start()'),
    cause: { code: 'options_invalid' },
  })
})

test('an engine that did not start may be started again', async () => {
  const memory = createMemoryStore()
  let fails = 1
  const store: Store = {
    ...memory,
    open: (now) =>
      (fails -= 1) >= 0 ? Promise.reject(new OnSignupError('store_locked', 'locked')) : memory.open(now),
  }
  const onsignup = createTestOnSignup({ store })
  await expect(onsignup.start()).rejects.toMatchObject({ code: 'store_locked' })
  await expect(onsignup.publish(user)).resolves.toMatchObject({ duplicate: false })
})

test('tryPublish never rejects', async () => {
  const invalid = createTestOnSignup()
  expect(await invalid.tryPublish(user)).toMatchObject({ ok: true, duplicate: false })
  expect(await invalid.tryPublish({ user: {} })).toMatchObject({ ok: false, error: { code: 'invalid' } })
  expect(await Reflect.apply(invalid.tryPublish, invalid, [undefined])).toMatchObject({ ok: false })

  const unstartable = createTestOnSignup({
    store: { ...createMemoryStore(), open: () => Promise.reject(new Error('EIO')) },
  })
  expect(await unstartable.tryPublish(user)).toMatchObject({
    ok: false,
    error: { code: 'store_unavailable' },
  })
})

test('publish rejects with PublishError only, even for an input that throws when it is read', async () => {
  const hostile = {
    get user(): { id: string } {
      throw new Error('a getter that throws')
    },
  }
  const onsignup = createTestOnSignup()
  const error: unknown = await onsignup.publish(hostile).catch((rejection: unknown) => rejection)
  expect(error).toBeInstanceOf(PublishError)
  expect(error).toMatchObject({ code: 'invalid', cause: { message: 'a getter that throws' } })
  expect(await onsignup.tryPublish(hostile)).toMatchObject({ ok: false, error: { code: 'invalid' } })
})

test('a listener that throws or rejects breaks nothing', async () => {
  const onsignup = createTestOnSignup().use('team', () => {})
  onsignup.on('accepted', () => {
    throw new Error('listener')
  })
  onsignup.on('settled', () => Promise.reject(new Error('listener')))
  await onsignup.publish(user)
  await onsignup.drain()
  expect(await onsignup.deliveries()).toMatchObject([{ state: 'delivered' }])
  expect(onsignup.logger.lines.map(({ message }) => message)).toEqual([
    'a listener of accepted threw',
    'a listener of settled threw',
  ])
})

test('closing twice closes once, and both wait until it is done', async () => {
  const { counts, store } = countedStore()
  const onsignup = createTestOnSignup({ store })
  await onsignup.start()
  await Promise.all([onsignup.close(), onsignup.close()])
  await onsignup.close()
  expect(counts.closed).toBe(1)
})

test('closing closes the connectors, one that fails like all others', async () => {
  const closed: string[] = []
  const closing = (name: string, fails: boolean) =>
    definePlugin({
      name: 'closing',
      options: z.object({}),
      connect: () => ({
        postUserRegistration() {},
        close() {
          closed.push(name)
          if (fails) throw new Error('does not close')
        },
      }),
    })
  const onsignup = createTestOnSignup().use('a', closing('a', true)).use('b', closing('b', false))
  await onsignup.start()
  await onsignup.close()
  expect(closed).toEqual(['a', 'b'])
})

test('closing what never started opens nothing', async () => {
  const { counts, store } = countedStore()
  const onsignup = createTestOnSignup({ store })
  await onsignup.close()
  await expect(onsignup.start()).rejects.toMatchObject({ code: 'closed' })
  expect(counts).toEqual({ opened: 0, closed: 0 })
})

test('closing while it starts waits for the start, then closes', async () => {
  const { counts, store } = countedStore()
  const onsignup = createTestOnSignup({ store })
  const starting = onsignup.start()
  await onsignup.close()
  await starting
  expect(counts).toEqual({ opened: 1, closed: 1 })
})
