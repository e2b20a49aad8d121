import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { confirm } from './confirm.ts'

const asked = async (typed: string | null, isTTY = true) => {
  const input = Object.assign(new PassThrough(), { isTTY })
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const answered = confirm('Deliver them?', { stdout, stderr }, input)
  if (typed === null) input.end()
  else input.write(typed)
  const answer = await answered.finally(() => {
    stdout.end()
    stderr.end()
  })
  return { answer, said: await text(stderr), printed: await text(stdout) }
}

test.each(['y\n', 'YES\n', ' yes \r\n'])('%j is yes', async (typed) => {
  expect((await asked(typed)).answer).toBe(true)
})

test.each(['\n', 'n\n', 'yeah\n', 'no\n', null])('%j is no', async (typed) => {
  expect((await asked(typed)).answer).toBe(false)
})

test('the question goes where errors go, so that results stay alone', async () => {
  expect(await asked('y\n')).toMatchObject({
    said: expect.stringContaining('Deliver them? [y/N] '),
    printed: '',
  })
})

test('without a terminal nobody is asked, and the mend says how to answer beforehand', async () => {
  await expect(asked('y\n', false)).rejects.toMatchObject({
    exitCode: 2,
    mend: expect.stringContaining('--yes'),
  })
})
