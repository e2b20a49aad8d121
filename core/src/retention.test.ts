import { expect, test } from 'vitest'
import { recordingLogger } from './testing/fakes.ts'
import { createTestClock } from './testing/test-clock.ts'
import { Retention } from './retention.ts'

const setUp = (keep: number | null, erase: () => Promise<number>) => {
  const clock = createTestClock()
  const logger = recordingLogger()
  const asked: number[] = []
  const dropped: number[] = []
  const store = {
    erase(before: number) {
      asked.push(clock.now() - before)
      return erase()
    },
    async dropRefused(which: { readonly before: number } | { readonly id: number }) {
      if ('before' in which) dropped.push(clock.now() - which.before)
      return 0
    },
  }
  return { clock, logger, asked, dropped, retention: new Retention({ store, clock, logger, keep }) }
}

test('what is older than is kept is deleted at the start and every hour, until it stops', async () => {
  const { clock, asked, retention } = setUp(5_000, async () => 1)
  retention.start()
  await clock.advance('59m')
  expect(asked).toEqual([5_000])
  await clock.advance('1m')
  await clock.advance('1h')
  expect(asked).toEqual([5_000, 5_000, 5_000])
  await retention.stop()
  await clock.advance('5h')
  expect(asked).toHaveLength(3)
})

test('a store that cannot delete is asked again an hour later', async () => {
  const { clock, logger, asked, retention } = setUp(5_000, async () => {
    throw new Error('locked')
  })
  retention.start()
  await clock.advance('1h')
  expect(asked).toHaveLength(2)
  expect(logger.lines.map(({ message }) => message)).toContain(
    'old events cannot be deleted; it is tried again in an hour',
  )
  await retention.stop()
})

test('when everything is kept, what was refused is deleted a week later all the same', async () => {
  const { clock, asked, dropped, retention } = setUp(null, async () => 1)
  retention.start()
  await clock.advance('1h')
  expect(asked).toEqual([])
  expect(dropped).toEqual([7 * 86_400_000, 7 * 86_400_000])
  await retention.stop()
})
