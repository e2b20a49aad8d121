import { createTestClock, sampleEvent } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import type { ScriptProcess } from './process.ts'
import { runScript } from './run.ts'
import type { FromRunner } from './runner/protocol.ts'

/** A process in which a script has taken the runner's place, and says what it likes. */
const forging = () => {
  const heard = Promise.withResolvers<(message: FromRunner) => void>()
  let kills = 0
  const process: ScriptProcess = {
    runs: 1,
    ready: Promise.resolve(true),
    exited: new Promise(() => {}),
    // Nobody reads what it is sent.
    send: () => {},
    listen: (_run, receive) => heard.resolve(receive),
    ignore: () => {},
    rest: () => {},
    kill: () => {
      kills += 1
    },
  }
  const clock = createTestClock()
  let asked = 0
  const run = runScript(
    process,
    { event: sampleEvent(), key: 'key', cache: {} },
    {
      clock,
      signal: new AbortController().signal,
      limit: 1_000,
      answer: async () => {
        asked += 1
      },
      onEnd: () => {},
    },
  )
  return {
    run,
    clock,
    receive: heard.promise,
    get kills() {
      return kills
    },
    get asked() {
      return asked
    },
  }
}

describe('a process that speaks in place of its runner', () => {
  test('is ended when it asks without reading what it is answered', async () => {
    const script = forging()
    const receive = await script.receive
    for (let call = 1; call <= 1_000; call += 1)
      receive({ type: 'state', call, request: { op: 'storage.get' } })
    expect(script.asked).toBeLessThan(50)
    expect(script.kills).toBeGreaterThan(0)
  })

  test('is ended when it prints more than a runner lets through', async () => {
    const script = forging()
    const receive = await script.receive
    const text = 'x'.repeat(100_000)
    for (let times = 0; times < 1_000; times += 1) receive({ type: 'output', level: 'log', text })
    expect(script.kills).toBeGreaterThan(0)
    receive({ type: 'idle', silent: 'no' })
    const { printed } = await script.run
    expect(printed.length).toBeLessThan(20)
  })

  test('has no more time when it says again that it begins', async () => {
    const script = forging()
    const receive = await script.receive
    receive({ type: 'started' })
    await script.clock.advance(600)
    receive({ type: 'started' })
    await script.clock.advance(600)
    receive({ type: 'idle', silent: 'no' })
    expect((await script.run).over).toEqual({ why: 'timeout' })
  })
})
