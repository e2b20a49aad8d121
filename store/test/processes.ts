import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A path in a folder that is removed when the test ends; the file is not made. */
export const temporaryPath = (name = 'onsignup.db'): string => {
  const folder = mkdtempSync(join(tmpdir(), 'onsignup-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** Another process that holds the store at this path, once what it wrote is durable. */
export const startHolder = async (path: string): Promise<ChildProcess> => {
  const holder = spawn(process.execPath, [fileURLToPath(new URL('holder.ts', import.meta.url)), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    holder.kill('SIGKILL')
  })
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'exit').then(() => Promise.reject(new Error('the holder ended before it held the store'))),
  ])
  return holder
}

/** Ends a process as `kill -9` does, and waits until it is gone. */
export const killAtOnce = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGKILL')
  await once(child, 'exit')
}
