import { randomUUID } from 'node:crypto'
import type { Clock, RegistrationEvent } from '@onsignup/core'
import type { CacheEntries } from './cache.ts'
import type { End } from './end.ts'
import type { Exit, ScriptProcess } from './process.ts'
import { MOST_ASKED, type FromRunner, type StateRequest } from './runner/protocol.ts'
import type { ErrorWords } from './told.ts'

/** What is printed, with the level. */
export interface Printed {
  readonly level: string
  readonly text: string
}

type Unusable = Extract<FromRunner, { type: 'unusable' }>

/** Why a run is over. */
export type Over =
  /** Nothing of the script's was left. */
  | { readonly why: 'idle'; readonly silent: 'no' | 'resolved' | 'yes'; readonly unclean: string | undefined }
  | { readonly why: 'uncaught'; readonly error: ErrorWords }
  | { readonly why: 'unusable'; readonly problem: Unusable }
  | { readonly why: 'timeout' }
  | { readonly why: 'aborted' }
  | { readonly why: 'exited'; readonly exit: Exit }

/** What came of one run. Texts hold secrets still. */
export interface RunRecord {
  readonly over: Over
  /** Whether the script began. */
  readonly started: boolean
  readonly end: End | undefined
  readonly late: readonly ErrorWords[]
  readonly printed: readonly Printed[]
  /** Whether there was more than is in `printed`. */
  readonly isCut: boolean
}

export interface RunPorts {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Milliseconds from the script's begin. */
  readonly limit: number
  /** Answers what the script asks of the connector's state. */
  readonly answer: (request: StateRequest) => Promise<unknown>
  /** Told of the end of the call, while the script may still be at work. */
  readonly onEnd: (end: End) => void
}

/** What a process may take to start, on a machine that is busy. */
const TIME_TO_START = 60_000

const MOST_LATE = 20

// The runner keeps to less. A script that speaks in its place must not fill the service's memory.
const MOST_PRINTED = 1_000_000
const MOST_UNANSWERED = 2 * MOST_ASKED

/** Runs a script once in a process that does nothing else, and waits until nothing of it is left, or its time is over. */
export const runScript = async (
  process: ScriptProcess,
  job: { readonly event: RegistrationEvent; readonly key: string; readonly cache: CacheEntries },
  { clock, signal, limit, answer, onEnd }: RunPorts,
): Promise<RunRecord> => {
  const run = randomUUID()
  const over = Promise.withResolvers<Over>()
  const late: ErrorWords[] = []
  const printed: Printed[] = []
  let started = false
  let end: End | undefined
  let isCut = false
  let sizeOfPrinted = 0
  let unanswered = 0
  let cancel = clock.after(TIME_TO_START, () => over.resolve({ why: 'timeout' }))
  const abort = (): void => over.resolve({ why: 'aborted' })
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })

  const state = async (call: number, request: StateRequest): Promise<void> => {
    unanswered += 1
    if (unanswered > MOST_UNANSWERED) return process.kill()
    const answered = (): void => {
      unanswered -= 1
    }
    try {
      process.send({ type: 'state', call, value: await answer(request) }, answered)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      process.send({ type: 'state failed', call, message }, answered)
    }
  }
  const receive = (message: FromRunner): void => {
    switch (message.type) {
      case 'started': {
        if (started) break
        started = true
        cancel()
        cancel = clock.after(limit, () => over.resolve({ why: 'timeout' }))
        break
      }
      case 'end': {
        if (end === undefined) {
          end = message.end
          onEnd(end)
        }
        break
      }
      case 'late': {
        if (late.length < MOST_LATE) late.push(message.error)
        break
      }
      case 'output': {
        sizeOfPrinted += message.text.length + 1
        if (sizeOfPrinted > MOST_PRINTED) process.kill()
        else printed.push({ level: message.level, text: message.text })
        break
      }
      case 'output cut': {
        isCut = true
        break
      }
      case 'state': {
        void state(message.call, message.request)
        break
      }
      case 'uncaught': {
        over.resolve({ why: 'uncaught', error: message.error })
        break
      }
      case 'unusable': {
        over.resolve({ why: 'unusable', problem: message })
        break
      }
      case 'idle': {
        over.resolve({ why: 'idle', silent: message.silent, unclean: message.unclean })
        break
      }
      case 'ready': {
        break
      }
    }
  }
  const exited = (exit: Exit): void => over.resolve({ why: 'exited', exit })
  void process.ready.then((isReady) => {
    if (!isReady) void process.exited.then(exited)
    else if (!signal.aborted) {
      process.listen(run, receive, exited)
      process.send({ type: 'run', job: { run, ...job } })
    }
  })
  const why = await over.promise
  cancel()
  signal.removeEventListener('abort', abort)
  return { over: why, started, end, late, printed, isCut }
}
