import { testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { runOnce, scripted } from './test-support.ts'

const hook = (body: string): string => `module.exports = function (user, context, cb) { ${body} }`

describe('a script that writes into the channel of the runner', () => {
  test.each([
    ['a message', '{"type":"idle","silent":"no"}'],
    [
      'an answer for a run that it guesses',
      '00000000-0000-4000-8000-000000000000 {"type":"end","end":{"how":"returned"}}',
    ],
    ['what is no message', 'hello'],
    ['ten megabytes without an end', 'x'.repeat(10)],
  ])('%s, is ended and proves nothing', async (what, line) => {
    const text = what.startsWith('ten') ? `'${line}'.repeat(1e6)` : `${JSON.stringify(line)} + '\\n'`
    const source = hook(`
      const { writeSync } = require('fs')
      let rest = Buffer.from(${text})
      while (rest.length > 0) try { rest = rest.subarray(writeSync(3, rest)) } catch {}
      setInterval(() => {}, 5)`)
    await using script = await scripted(source, { with: { on_no_callback: 'delivered' } })
    expect(await script.run()).toMatchObject({ kind: 'unknown', code: 'hook_exited' })
  })

  test('is not shown its run, whatever it patches', async () => {
    const source = hook(`
      const seen = []
      Object.prototype.toJSON = function () { seen.push(Object.values(this).join()); return this }
      const { stringify } = JSON
      JSON.stringify = (value) => { seen.push(String(value)); return stringify(value) }
      cb(null, 1)
      setTimeout(() => { delete Object.prototype.toJSON; console.log(seen.join('|')) }, 5)`)
    const outcome = await runOnce(source)
    expect(outcome).toMatchObject({ kind: 'delivered', detail: '1' })
    expect(outcome?.output).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4/)
  })

  test('does not see what the runner writes by a patch of what it writes with', async () => {
    const source = hook(`
      const fs = require('fs')
      const { syncBuiltinESMExports } = require('module')
      const { writeSync } = fs
      const { from } = Buffer
      let seen = ''
      fs.writeSync = (fd, bytes, ...rest) => { seen = String(bytes); return writeSync(fd, bytes, ...rest) }
      Buffer.from = (text, ...rest) => { seen = String(text); return from(text, ...rest) }
      syncBuiltinESMExports()
      console.log('hello')
      cb(null, seen)`)
    expect(await runOnce(source)).toMatchObject({ kind: 'delivered', detail: '""' })
  })
})

test('a script that gives all objects a toJSON is heard all the same', async () => {
  const source = hook("Object.prototype.toJSON = () => 'forged'; console.log('hello'); cb(null, 1)")
  expect(await runOnce(source)).toEqual({ kind: 'delivered', detail: '1', output: 'log: hello\n' })
})

describe('a script that asks without waiting for answers', () => {
  const { state } = testServices()
  let asked = 0
  const counting = {
    ...state,
    get: async (key: string) => {
      asked += 1
      return state.get(key)
    },
  }
  const using = { services: { state: counting } }

  test('fills its own memory with questions, and not that of the service with answers', async () => {
    asked = 0
    const source = hook(`
      for (let i = 0; i < 10_000; i += 1) context.webtask.storage.get(() => {})
      for (const end = Date.now() + 300; Date.now() < end;);
      process.exit()`)
    expect(await runOnce(source, using)).toMatchObject({ kind: 'unknown', code: 'hook_exited' })
    expect(asked).toBeLessThan(50)
  })

  test('is answered for all of them', async () => {
    const source = hook(`
      let answered = 0
      const get = () => context.webtask.storage.get((error, data) => { if (data === 1) answered += 1; if (answered === 1_000) cb(null, answered) })
      context.webtask.storage.set(1, { force: true }, () => { for (let i = 0; i < 1_000; i += 1) get() })`)
    expect(await runOnce(source, using)).toEqual({ kind: 'delivered', detail: '1000' })
  })
})

test("a script finds no handle of the runner's, through which it would hear the runs after it", async () => {
  const source = hook(`
    context.webtask.storage.get(() => {})
    cb(null, process._getActiveHandles().some((handle) => handle._handle?.fd === 3))`)
  expect(await runOnce(source)).toMatchObject({ kind: 'delivered', detail: 'false' })
})
