import { OnSignupError } from '@onsignup/core'
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes that results may still use when events are no longer accepted; of a small disk, a twentieth. */
const RESERVED = 64 * 1_024 * 1_024
const SMALL_DISK_SHARE = 20
/** Asking for the free space of a disk costs as much as half an accept. */
const ACCEPTS_BETWEEN = 64

export interface Disk {
  /** Bytes. */
  readonly size: number
  readonly free: number
}

/** Of the file system that holds the folder. */
export const diskOf = (folder: string): Disk => {
  const { bsize, blocks, bavail } = statfsSync(folder)
  return { size: bsize * blocks, free: bsize * bavail }
}

/** What is asked before a write; throws `store_unavailable` when the disk is too full for it. */
export interface SpaceGuard {
  /** Looks now and then. */
  readonly beforeAccept: () => void
  readonly check: () => void
}

/** For a store that is on no disk. */
export const NO_DISK: SpaceGuard = { beforeAccept() {}, check() {} }

/**
 * Refuses events while the disk is so full that the results of those already accepted might not find room. Looks at every
 * call while it was full.
 */
export const createSpaceGuard = (path: string, look: (folder: string) => Disk = diskOf): SpaceGuard => {
  let untilNext = 0
  const check = (): void => {
    untilNext = 0
    const { size, free } = look(dirname(path))
    const reserved = Math.min(RESERVED, size / SMALL_DISK_SHARE)
    if (free < reserved) {
      throw new OnSignupError(
        'store_unavailable',
        `the disk of the store ${path} has ${megabytes(free)} free, and ${megabytes(reserved)} are kept for results`,
        { mend: 'free some space on its disk' },
      )
    }
    untilNext = ACCEPTS_BETWEEN
  }
  return {
    beforeAccept() {
      if (untilNext <= 0) check()
      else untilNext -= 1
    },
    check,
  }
}

const megabytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MiB`
