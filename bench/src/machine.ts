import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Part } from './results.ts'
import { postgresFolder } from './servers/postgres.ts'
import { findProgram } from './servers/server.ts'

/** statfs's number of a file system in memory, on which no fsync means anything (man 2 statfs). */
const TMPFS = 0x01_02_19_94

/** A folder for temporary files that is on a disk. */
export const diskFolder = (): string => {
  const folders = [tmpdir(), '/var/tmp', process.cwd()]
  return folders.find((folder) => statfsSync(folder).type !== TMPFS) ?? process.cwd()
}

export const describeMachine = (): Part['machine'] => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
})

const PACKAGES = ['onsignup', 'bullmq', 'ioredis', 'pg-boss', 'graphile-worker', 'pg', '@nats-io/jetstream']

const packageSchema = z.object({ name: z.string().optional(), version: z.string().optional() })

// Most of them do not export their package.json.
const packageVersion = async (name: string): Promise<string> => {
  let folder = dirname(createRequire(import.meta.url).resolve(name))
  for (;;) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
    const found = packageSchema.parse(JSON.parse(text))
    if (found.name === name && found.version !== undefined) return found.version
    if (folder === dirname(folder)) return 'unknown'
    folder = dirname(folder)
  }
}

const programVersion = async (find: () => string | Promise<string>): Promise<string> => {
  try {
    const { stdout, stderr } = await promisify(execFile)(await find(), ['--version'])
    return /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? 'unknown'
  } catch {
    return 'not present'
  }
}

const PROGRAMS: Readonly<Record<string, () => string | Promise<string>>> = {
  Redis: () => findProgram('redis-server'),
  PostgreSQL: async () => join(await postgresFolder(), 'postgres'),
  'nats-server': () => findProgram('nats-server'),
}

/** Of Node, the engines and their servers. */
export const findVersions = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = { Node: process.versions.node, SQLite: process.versions.sqlite ?? '' }
  for (const name of PACKAGES) found[name] = await packageVersion(name)
  for (const [name, find] of Object.entries(PROGRAMS)) found[name] = await programVersion(find)
  return found
}
