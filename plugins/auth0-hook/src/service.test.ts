import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isAlive } from './test-support.ts'

const temporary = await mkdtemp(join(tmpdir(), 'auth0-hook-'))
afterAll(() => rm(temporary, { recursive: true, force: true }))

/** A service of its own, which runs a script, prints what that stores, and closes when it is over. */
const service = (source: string) => {
  const program = `
    import { testServices } from '@onsignup/core/testing'
    import { scripted } from ${JSON.stringify(join(import.meta.dirname, 'test-support.ts'))}
    const state = { ...testServices().state, set: async (_key, value) => console.log(value) }
    await using script = await scripted(${JSON.stringify(source)}, { services: { state } })
    await script.run()`
  // With a descriptor of its own that Node leaves as it is: it looks at the low ones alone.
  const start = ['-c', 'exec 99<"$0"; exec "$@"', join(import.meta.dirname, 'index.ts')]
  const node = [process.execPath, '--input-type=module', '--eval', program]
  const child = spawn('bash', [...start, ...node], {
    cwd: import.meta.dirname,
    // Those that are killed cannot clean up.
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stored = once(child.stdout ?? child, 'data').then(([line]): unknown => JSON.parse(String(line)))
  return { child, stored }
}

/** A Hook that stores something and does something at once. */
const storing = (expression: string, then: string): string =>
  `module.exports = (user, context, cb) => { context.webtask.storage.set(${expression}, { force: true }, () => {}); ${then} }`

const waiting = 'setInterval(() => {}, 5)'

describe('a service', () => {
  test('that was started with open files hands none of them on', async () => {
    const source = storing(
      `(() => {
        const fs = require('fs')
        const target = (fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } }
        return fs.readdirSync('/proc/self/fd').map(target).filter((file) => file.endsWith('index.ts'))
      })()`,
      waiting,
    )
    const { child, stored } = service(source)
    try {
      expect(await stored).toEqual([])
    } finally {
      child.kill('SIGKILL')
    }
  })

  test.each([
    ['waits', waiting],
    ['is in an endless loop', 'for (;;);'],
    ['has stopped itself', "process.kill(process.pid, 'SIGSTOP')"],
  ])('that is killed takes a script with it that %s', async (_what, then) => {
    const { child, stored } = service(storing('process.pid', then))
    const pid = Number(await stored)
    try {
      expect(isAlive(pid)).toBe(true)
      child.kill('SIGKILL')
      await expect.poll(() => isAlive(-pid) || isAlive(pid), { timeout: 10_000 }).toBe(false)
    } finally {
      if (isAlive(-pid)) process.kill(-pid, 'SIGKILL')
    }
  })

  test('ends, although a program that a script left behind holds what the script had', async () => {
    const left = `require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 3] })`
    const { child, stored } = service(
      storing(`(() => { const child = ${left}; child.unref(); return child.pid })()`, 'cb()'),
    )
    const pid = Number(await stored)
    try {
      await expect.poll(() => child.exitCode, { timeout: 10_000 }).toBe(0)
      expect(isAlive(pid)).toBe(true)
    } finally {
      child.kill('SIGKILL')
      process.kill(pid, 'SIGKILL')
    }
  })
})
