import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { getHeapStatistics } from 'node:v8'
import { actionView } from '../action-view.ts'
import { calledBack, isThenable, type End } from '../end.ts'
import { hookView } from '../hook-view.ts'
import { wordsOf } from '../told.ts'
import { createApi } from './api.ts'
import { createAsking } from './asking.ts'
import type { Channel } from './channel.ts'
import type { Print } from './console.ts'
import { pinImports, tellBuiltins } from './imports.ts'
import { isObject, takeStock, type Intact } from './intact.ts'
import { definePrelude } from './prelude.ts'
import type { FromRunner, Job, Setup, ToRunner } from './protocol.ts'
import { createLoad, type UseBuiltin } from './require.ts'
import { saidByCallback } from './said.ts'
import { withWebtask, type Ask } from './webtask.ts'

/** The run that is under way. */
interface Current {
  readonly id: string
  ended: boolean
  calls: number
  /** Whether a callback was not called that the function takes: see the message `idle`. */
  silent: 'no' | 'resolved' | 'yes'
  unclean: string | undefined
  printed: number
}

export interface Runs {
  readonly print: Print
  setUp(setup: Setup): void
  /** Notes what the process looks like before any script ran. */
  takeStock(): void
  start(job: Job): void
  answer(message: Extract<ToRunner, { call: number }>): void
}

type Fn = (...args: unknown[]) => unknown

const isFunction = (value: unknown): value is Fn => typeof value === 'function'

const ACTION = 'onExecutePostUserRegistration'

const actionOf = (exports: unknown): Fn | undefined => {
  const found: unknown =
    typeof exports === 'object' && exports !== null ? Reflect.get(exports, ACTION) : undefined
  return isFunction(found) ? found : undefined
}

const exported = (exports: unknown): string =>
  typeof exports === 'object' && exports !== null
    ? `an object with ${Object.keys(exports).slice(0, 10).join(', ') || 'nothing in it'}`
    : typeof exports

const removeListener = EventEmitter.prototype.removeListener
const rawListeners = EventEmitter.prototype.rawListeners
const eventNames = EventEmitter.prototype.eventNames

/** Takes off the listeners that a run put on `process`. */
const createListenerReset = (): (() => void) => {
  const before = new Map(
    process.eventNames().map((name) => [name, new Set<unknown>(process.rawListeners(name))]),
  )
  return () => {
    for (const name of Reflect.apply(eventNames, process, [])) {
      for (const listener of Reflect.apply(rawListeners, process, [name])) {
        if (before.get(name)?.has(listener) !== true && isFunction(listener)) {
          Reflect.apply(removeListener, process, [name, listener])
        }
      }
    }
  }
}

const { stringify } = JSON
const umask = process.umask.bind(process)

const environment = (): string =>
  stringify([{ ...process.env }, process.argv, process.execArgv, process.title, umask()])

/** By these a run reaches the runs after it, or leaves something behind that nobody sees. */
const REACHING: ReadonlySet<string> = new Set([
  'async_hooks',
  'child_process',
  'cluster',
  'diagnostics_channel',
  'inspector',
  'inspector/promises',
  'module',
  'repl',
  'trace_events',
  'v8',
  'worker_threads',
])

/** Runs the script for one job after the other; a job is over when nothing of the script's is left in the event loop. */
export const createRuns = (channel: Channel): Runs => {
  const inRun = new AsyncLocalStorage<string>()
  const asking = createAsking(channel)
  let setup: Setup | undefined
  let stock: Intact | undefined
  let current: Current | undefined
  let isSpoilt = false
  const useBuiltin: UseBuiltin = (name, exports, isByScript) => {
    if (!isObject(exports)) return
    stock?.watchModule(name, exports)
    // Packages use them for themselves.
    if (current !== undefined && isByScript && REACHING.has(name.replace(/^node:/, ''))) {
      current.unclean ??= `it used ${name}`
    }
  }
  const load = createLoad(useBuiltin)
  const mostMemory = getHeapStatistics().heap_size_limit / 2

  const send = (run: Current, message: FromRunner): void => channel.send(run.id, message)

  /** The run, if what happens now is of it and not of one before. */
  const ofCurrent = (): Current | undefined => {
    const id = inRun.getStore()
    return id === undefined || id === current?.id ? current : undefined
  }

  const print: Print = (level, text) => {
    const run = ofCurrent()
    if (run === undefined || setup === undefined || text === '') return
    const left = setup.longestOutput - run.printed
    if (left < 0) return
    run.printed += text.length + 1
    if (left > 0) send(run, { type: 'output', level, text: text.slice(0, left) })
    if (text.length >= left) {
      run.printed = Infinity
      send(run, { type: 'output cut' })
    }
  }

  const end = (run: Current, how: End): boolean => {
    if (run.ended) return false
    run.ended = true
    send(run, { type: 'end', end: how })
    return true
  }

  const threw = (run: Current, error: unknown): void => {
    if (run !== current) return
    if (!end(run, { how: 'threw', error: wordsOf(error) })) send(run, { type: 'late', error: wordsOf(error) })
  }

  const askFor =
    (run: Current): Ask =>
    async (request) => {
      if (run !== current) throw new Error('the run is over')
      return asking.ask(run.id, request)
    }

  const call = (run: Current, fn: Fn, args: readonly unknown[], takesCallback: boolean): void => {
    run.silent = takesCallback ? 'yes' : 'no'
    const returned = fn(...args)
    if (!isThenable(returned)) return
    // Until it is done it has not said that it worked, whatever it takes.
    run.silent = 'yes'
    Promise.resolve(returned).then(
      () => {
        run.silent = takesCallback ? 'resolved' : 'no'
      },
      (error: unknown) => threw(run, error),
    )
  }

  const perform = (
    run: Current,
    { key, event, cache }: Job,
    { script, secrets, dependencies, meta, configuration, isCalled }: Setup,
  ): void => {
    const view = withWebtask(hookView(event, key, { secrets, meta }), askFor(run))
    definePrelude(configuration ? secrets : undefined)
    let exports: unknown
    try {
      exports = load(script, dependencies, (module) => {
        module.webtask = view.context.webtask
      })
    } catch (error) {
      const { code } = wordsOf(error)
      const why = code === 'MODULE_NOT_FOUND' ? 'module missing' : 'invalid'
      const isOfCode = why === 'invalid' && !(error instanceof SyntaxError)
      if (isOfCode) threw(run, error)
      else send(run, { type: 'unusable', why, error: wordsOf(error) })
      return
    }
    const action = actionOf(exports)
    if (!isFunction(exports) && action === undefined) {
      const error = { message: exported(exports) }
      send(run, { type: 'unusable', why: 'no function', error })
      return
    }
    const callback = (error?: unknown, response?: unknown): void => {
      run.calls += 1
      if (run !== current) return
      const said = isCalled && !run.ended ? saidByCallback(error, response) : undefined
      if (end(run, { ...calledBack(error, response, view), said })) return
      if (error) send(run, { type: 'late', error: wordsOf(error) })
      else if (run.calls === 2) print('onsignup', 'cb was called again: its first call counts\n')
    }
    try {
      if (isFunction(exports)) call(run, exports, [view.user, view.context, callback], exports.length >= 3)
      else if (action) call(run, action, [actionView(event, secrets), createApi(cache, askFor(run))], false)
    } catch (error) {
      threw(run, error)
    }
  }

  let resetListeners = (): void => {}
  let firstEnvironment = ''
  let firstFolder = ''

  /** Takes away what the run left behind; says why the process is not as it was, if it is not. */
  const tidy = (run: Current): string | undefined => {
    if (run.unclean !== undefined) return run.unclean
    if (isSpoilt) return 'an earlier run failed after it was over'
    const change = stock?.restore()
    if (change !== undefined) return change
    if (process.listenerCount('beforeExit') > 1) return 'it waits for the end of the process'
    resetListeners()
    process.exitCode = undefined
    if (environment() !== firstEnvironment) return 'it changed its environment'
    if (process.cwd() !== firstFolder) return 'it changed the current folder'
    const { used_heap_size, external_memory } = getHeapStatistics()
    return used_heap_size + external_memory > mostMemory ? 'its memory has grown' : undefined
  }

  process.on('beforeExit', () => {
    const run = current
    if (run === undefined) return
    const { silent } = run
    if (!run.ended && run.silent !== 'yes') end(run, { how: 'returned' })
    const called = run.calls > 0
    const unclean = tidy(run)
    current = undefined
    channel.ref()
    send(run, { type: 'idle', silent: called ? 'no' : silent, ...(unclean !== undefined && { unclean }) })
  })

  process.on('uncaughtException', (error: unknown) => {
    const run = ofCurrent()
    if (run === undefined) {
      isSpoilt = true
      return
    }
    run.unclean = 'it threw where nobody catches'
    if (run.ended) send(run, { type: 'late', error: wordsOf(error) })
    else {
      run.ended = true
      send(run, { type: 'uncaught', error: wordsOf(error) })
    }
  })

  return {
    print,
    setUp(given) {
      setup = given
      pinImports(given.dependencies, useBuiltin)
    },
    takeStock() {
      tellBuiltins(useBuiltin)
      stock = takeStock()
      resetListeners = createListenerReset()
      firstEnvironment = environment()
      firstFolder = process.cwd()
    },
    start(job) {
      if (setup === undefined) return
      const run: Current = {
        id: job.run,
        ended: false,
        calls: 0,
        silent: 'no',
        unclean: undefined,
        printed: 0,
      }
      const given = setup
      current = run
      channel.unref()
      send(run, { type: 'started' })
      inRun.run(run.id, () => perform(run, job, given))
    },
    answer(message) {
      asking.answer(message)
      if (!asking.isWaiting && current !== undefined) channel.unref()
    },
  }
}
