import { Writable } from 'node:stream'
import { createRedact } from '@onsignup/core'
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

const logged = (secret: string) => {
  const lines: string[] = []
  const destination = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      lines.push(line)
      done()
    },
  })
  return { lines, logger: createLogger(createRedact([secret]), 'info', destination) }
}

test('a secret is in no line, however deep in an error it is and however it is spelt', () => {
  const secret = 'p4ss"w\\ord é'
  const { lines, logger } = logged(secret)
  const cause = new Error(`refused ${secret}`)
  const error = Object.assign(new Error('failed', { cause }), {
    config: { headers: [`Basic ${Buffer.from(`user:${secret}`).toString('base64')}`] },
    url: `https://example.com/?password=${encodeURIComponent(secret)}`,
  })
  logger.error({ err: error, password: secret }, `it was ${secret}`)
  const [line = ''] = lines
  expect(JSON.parse(line)).toMatchObject({ level: 50, msg: 'it was [secret]', password: '[secret]' })
  expect(line).not.toContain('p4ss')
  expect(line).not.toContain(Buffer.from('user:p4ss').toString('base64').slice(0, 10))
})

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('a line has a time, a level and no word of the machine', async () => {
  const { lines, logger } = logged('a-secret')
  logger.debug({}, 'not shown')
  logger.info({ delivery: 1 }, 'delivered')
  await turn()
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    { level: 30, time: expect.stringMatching(/^\d{4}-.*Z$/), delivery: 1, msg: 'delivered' },
  ])
})

test('the lines of one turn are written together, and at once when one of them is a warning', async () => {
  const { lines, logger } = logged('a-secret')
  const messages = () => lines.map((text) => text.match(/"msg":"[^"]+"/g)?.join())
  logger.info({}, 'one')
  logger.info({}, 'two')
  expect(messages()).toEqual([])
  logger.warn({}, 'three')
  expect(messages()).toEqual(['"msg":"one","msg":"two","msg":"three"'])
  logger.info({}, 'four')
  logger.info({}, 'five')
  await turn()
  expect(messages().slice(1)).toEqual(['"msg":"four","msg":"five"'])
})
