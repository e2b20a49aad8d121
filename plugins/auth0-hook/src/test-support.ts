import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Attempt, Connector, Outcome, RegistrationEvent, Run, Services } from '@onsignup/core'
import {
  connectPlugin,
  recordingLogger,
  sampleEvent,
  testRun,
  testServices,
  type RecordingLogger,
} from '@onsignup/core/testing'
import plugin from './index.ts'

export interface Using {
  /** Further options. */
  readonly with?: object
  /** Files beside the script, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  readonly services?: Partial<Services>
}

/** A connector whose script is in a folder of its own. */
export interface Scripted extends AsyncDisposable {
  readonly connector: Connector
  readonly folder: string
  readonly logger: RecordingLogger
  /** Runs it once. */
  run(event?: RegistrationEvent, run?: Partial<Run & Attempt>): Promise<Outcome | undefined>
  write(path: string, text: string): Promise<void>
}

const writeIn = async (folder: string, path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

/** Connects a script. */
export const scripted = async (source: string, using: Using = {}): Promise<Scripted> => {
  const folder = await mkdtemp(join(tmpdir(), 'auth0-hook-'))
  await using made = new AsyncDisposableStack()
  made.defer(() => rm(folder, { recursive: true, force: true }))
  await writeIn(folder, 'hooks/hook.js', source)
  for (const [path, text] of Object.entries(using.files ?? {})) await writeIn(folder, path, text)
  const logger = recordingLogger()
  const services = testServices({
    connector: 'legacy',
    logger,
    folder,
    files: { read: async () => source },
    ...using.services,
  })
  const connector = await connectPlugin(plugin, { script: './hooks/hook.js', ...using.with }, services)
  made.defer(async () => connector.close?.())
  const kept = made.move()
  return {
    connector,
    folder,
    logger,
    async run(event = sampleEvent(), run = {}) {
      const result = await connector.postUserRegistration?.(
        event,
        testRun({ connector: 'legacy', logger, ...run }),
      )
      return result ?? undefined
    },
    write: (path, text) => writeIn(folder, path, text),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Runs a script once. */
export const runOnce = async (source: string, using?: Using): Promise<Outcome | undefined> => {
  await using script = await scripted(source, using)
  return await script.run()
}

/** What a script printed, in lines. */
export const printed = (outcome: Outcome | undefined): readonly string[] =>
  outcome?.output?.trimEnd().split('\n') ?? []

const isZombie = (pid: number): boolean => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Whether there is a process that has not ended. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0) && !isZombie(pid)
  } catch {
    return false
  }
}
