import { createTestClock } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { createPool } from './pool.ts'
import type { Exit, ScriptProcess } from './process.ts'

const EXIT: Exit = { code: null, signal: 'SIGKILL', outOfMemory: false, forged: false }

/** A process that is none. */
const fakeProcess = (): ScriptProcess & { runs: number; killed: boolean } => {
  const exited = Promise.withResolvers<Exit>()
  return {
    runs: 0,
    killed: false,
    ready: Promise.resolve(true),
    exited: exited.promise,
    send() {},
    listen() {},
    ignore() {},
    rest() {},
    kill() {
      this.killed = true
      exited.resolve(EXIT)
    },
  }
}

const pooled = (reuse = true) => {
  const started: ReturnType<typeof fakeProcess>[] = []
  const clock = createTestClock()
  const start = () => {
    const process = fakeProcess()
    started.push(process)
    return process
  }
  const pool = createPool(start, clock, reuse)
  const take = (): ScriptProcess => {
    const process = pool.take()
    if (process === undefined) throw new Error('the pool is closed')
    return process
  }
  return { started, clock, pool, take }
}

describe('the processes of a connector', () => {
  test('start on demand, and as many as there are runs at a time', async () => {
    const { started, pool, take } = pooled()
    expect(started).toHaveLength(0)
    const [one, two] = [take(), take()]
    expect(started).toHaveLength(2)
    pool.give(one, true)
    pool.give(two, true)
    take()
    expect(started).toHaveLength(2)
  })

  test('are ended when they have waited for a minute', async () => {
    const { started, clock, pool, take } = pooled()
    pool.give(take(), true)
    await clock.advance('59s')
    expect(started[0]?.killed).toBe(false)
    pool.give(take(), true)
    await clock.advance('59s')
    expect(started[0]?.killed).toBe(false)
    await clock.advance('1s')
    expect(started[0]?.killed).toBe(true)
    expect(pool.size).toBe(0)
  })

  test('are ended after a run that was not clean, after 2,000 runs, and after each when none is to be reused', async () => {
    const { started, pool, take } = pooled()
    pool.give(take(), false)
    expect(started[0]?.killed).toBe(true)
    const second = take()
    Object.assign(second, { runs: 2_000 })
    pool.give(second, true)
    expect(started[1]?.killed).toBe(true)
    const single = pooled(false)
    single.pool.give(single.take(), true)
    expect(single.started[0]?.killed).toBe(true)
  })

  test('that died while they waited are not handed out', async () => {
    const { started, pool, take } = pooled()
    const first = take()
    pool.give(first, true)
    first.kill()
    await first.exited
    expect(take()).not.toBe(first)
    expect(started).toHaveLength(2)
  })

  test('end with close, which waits for them, and none starts after', async () => {
    const { started, pool, take } = pooled()
    pool.give(take(), true)
    take()
    take()
    await pool.close()
    expect(started.map(({ killed }) => killed)).toEqual([true, true])
    expect(pool.size).toBe(0)
    expect(pool.take()).toBeUndefined()
  })
})
