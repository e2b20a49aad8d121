import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchHook, Hook } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import { delivered, rejected, retry } from '../outcome.ts'
import { createTestOnSignup, type TestOnSignup } from '../testing/create-test-onsignup.ts'
import { engine, publish } from './test-support.ts'

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, 12)

/** For each delivery, the oldest first, what its history tells of what was sent. */
const sent = async (onsignup: TestOnSignup) =>
  (await onsignup.deliveries()).map(({ attempts }) => attempts.map(({ sent }) => sent))

const telling = (hook: Hook, timeout = '5s') => createTestOnSignup().use('team', hook, { timeout })

test('the history keeps the first 12 characters of the SHA-256 of what each attempt sent, text or bytes', async () => {
  const onsignup = telling((_event, { attempt, sending }) => {
    if (attempt === 1) {
      sending?.('Grüße')
      return retry('not yet')
    }
    sending?.(Buffer.from('Grüße, Ada'))
    return delivered()
  })
  await publish(onsignup, '1')
  await onsignup.clock.advance('1m')
  expect(await sent(onsignup)).toEqual([[hashOf('Grüße'), hashOf('Grüße, Ada')]])
})

test('of a hook that tells nothing, nothing is kept', async () => {
  const { onsignup } = engine(() => delivered())
  await publish(onsignup, '1')
  const [delivery] = await onsignup.deliveries()
  expect(delivery?.attempts[0]).not.toHaveProperty('sent')
})

test('what was told is kept when the hook throws, and when no answer comes', async () => {
  const onsignup = telling(({ user }, { sending, signal }) => {
    sending?.(user.id)
    if (user.id === 'throws') throw new Error('broken')
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await publish(onsignup, 'throws', 'hangs')
  await onsignup.clock.advance('7s')
  const deliveries = await onsignup.deliveries()
  const firsts = deliveries.map(({ attempts: [first] }) => [first?.outcome, first?.sent])
  expect(firsts).toEqual([
    ['retry', hashOf('throws')],
    ['unknown', hashOf('hangs')],
  ])
})

test('a result that comes late tells what its attempt had sent', async () => {
  const late = Promise.withResolvers<void>()
  const onsignup = telling(async (_event, { sending }) => {
    sending?.('slow')
    await late.promise
    return delivered()
  })
  await publish(onsignup, '1')
  await onsignup.clock.advance('7s')
  late.resolve()
  await onsignup.clock.advance(0)
  const [delivery] = await onsignup.deliveries()
  expect(delivery?.attempts.slice(0, 2)).toMatchObject([
    { run: 1, outcome: 'unknown', sent: hashOf('slow') },
    { run: 1, outcome: 'delivered', sent: hashOf('slow') },
  ])
})

const batching = (hook: BatchHook) =>
  definePlugin({
    name: 'crm',
    options: z.object({}),
    connect: () => ({ postUserRegistrationBatch: hook }),
  })

test('each item of a batch has its own, and of what was sent in halves the last counts', async () => {
  const onsignup = createTestOnSignup().use(
    'crm',
    batching(async (items) => {
      for (const { event, sending } of items) sending?.(`${event.user.id} of ${items.length}`)
      if (items.some(({ event }) => event.user.id === '3')) throw rejected('one of them is bad')
      return items.map(() => delivered())
    }),
    { batch: { max_records: 4, max_wait: '2s' } },
  )
  for (const id of ['1', '2', '3', '4']) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance(0)
  const last = ['1 of 2', '2 of 2', '3 of 1', '4 of 1']
  expect(await sent(onsignup)).toEqual(last.map((body) => [hashOf(body)]))
})

test('what is neither text nor bytes fails the attempt before it sends', async () => {
  const onsignup = telling((_event, { sending }) => {
    // @ts-expect-error -- plugins are written in JavaScript too
    sending?.({ text: 'hello' })
  })
  await publish(onsignup, '1')
  const [delivery] = await onsignup.deliveries()
  expect(delivery?.attempts[0]).toMatchObject({ outcome: 'retry', code: 'ERR_INVALID_ARG_TYPE' })
})
