import { expect, test } from 'vitest'
import { EventHub } from './events.ts'
import { recordingLogger } from './testing/fakes.ts'

const payload = { event: 'e1', connectors: ['team'] }

test('listeners hear what happened until they stop listening', () => {
  const hub = new EventHub(recordingLogger())
  const heard: unknown[] = []
  const stop = hub.on('accepted', (told) => heard.push(told))
  hub.emit('accepted', payload)
  stop()
  hub.emit('accepted', payload)
  expect(heard).toEqual([payload])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('listener')
    },
  ],
  ['rejects', () => Promise.reject(new Error('listener'))],
])('a listener that %s keeps nobody from hearing and is logged', async (_what, listener) => {
  const logger = recordingLogger()
  const hub = new EventHub(logger)
  const heard: unknown[] = []
  hub.on('accepted', listener)
  hub.on('accepted', (told) => heard.push(told))
  expect(() => hub.emit('accepted', payload)).not.toThrow()
  await Promise.resolve()
  await Promise.resolve()
  expect(heard).toEqual([payload])
  expect(logger.lines).toMatchObject([{ level: 'error', message: 'a listener of accepted threw' }])
})

test('a listener hears only what it listens to', () => {
  const hub = new EventHub(recordingLogger())
  const heard: unknown[] = []
  hub.on('released', (told) => heard.push(told))
  hub.emit('accepted', payload)
  expect(heard).toEqual([])
})
