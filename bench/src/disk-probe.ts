import { closeSync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { percentile } from './statistics.ts'

export interface DiskProbe {
  readonly p10: number
  readonly p50: number
  readonly p90: number
}

const SLICE = 50

/** How often in a second the disk of a folder makes a 4 KB overwrite durable: the spread over slices of 50 ms. */
export const probeDisk = (folder: string, milliseconds: number): DiskProbe => {
  const path = join(folder, 'probe')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4_096, 'x')
  const rates: number[] = []
  try {
    ftruncateSync(file, page.length)
    const end = performance.now() + milliseconds
    while (performance.now() < end) {
      const began = performance.now()
      let count = 0
      while (performance.now() < began + SLICE) {
        writeSync(file, page, 0, page.length, 0)
        fdatasyncSync(file)
        count += 1
      }
      rates.push((count / (performance.now() - began)) * 1_000)
    }
  } finally {
    closeSync(file)
    rmSync(path)
  }
  return { p10: percentile(rates, 0.1), p50: percentile(rates, 0.5), p90: percentile(rates, 0.9) }
}
