import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Mounting is root's, and Linux's in this form. */
export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of its own, so small that a test can fill it. */
export interface SmallDisk extends AsyncDisposable {
  /** Leaves not a byte. */
  fill(): Promise<void>
  free(): Promise<void>
  makeReadOnly(): Promise<void>
}

const CHUNK = Buffer.alloc(4_096)

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC'

/** Mounts it at this path. */
export const mountDisk = async (path: string, megabytes: number): Promise<SmallDisk> => {
  const ballast = `${path}/ballast`
  await mkdir(path, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  return {
    async fill() {
      try {
        for (;;) await writeFile(ballast, CHUNK, { flag: 'a' })
      } catch (error) {
        if (!isFull(error)) throw error
      }
    },
    free: () => rm(ballast),
    makeReadOnly: async () => void (await run('mount', ['-o', 'remount,ro', path])),
    // Also from under a process that still has files open there.
    [Symbol.asyncDispose]: async () => void (await run('umount', ['--lazy', path])),
  }
}
