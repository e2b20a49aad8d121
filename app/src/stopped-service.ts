import { existsSync } from 'node:fs'
import { OnSignupError } from '@onsignup/core'
import { operatorOf, systemClock, type Store } from '@onsignup/core/engine'
import { createSqliteStore, readSqliteStore, type StoreReader } from '@onsignup/store'
import { Hono } from 'hono'
import { actingRoutes, askingRoutes } from './http/operating.ts'
import { problemAnswer, ProblemError, toResponse } from './http/problem.ts'
import { CommandError, EXIT, styled, type Output } from './output.ts'

/** Where a service should be that does not answer. */
export interface Absent {
  /** Where it was asked. */
  readonly url: string
  /** The absolute path of its store. */
  readonly store: string
}

const now = (): number => systemClock.now()

/** What is thrown goes to who called; a ProblemError is what a service would answer. */
const answer = async (routes: Hono, request: Request): Promise<Response> => {
  const api = new Hono().route('/', routes).onError((error) => {
    if (!(error instanceof ProblemError)) throw error
    return toResponse(problemAnswer(error.details, error.headers))
  })
  return api.fetch(request)
}

/**
 * Answers in place of a service that does not run, from its store: what is asked is read beside whoever has it open;
 * what is done takes the lock, which proves that no engine works on it. Knows no connector but those of the store.
 */
export class StoppedService implements AsyncDisposable {
  readonly #absent: Absent
  readonly #output: Output
  #reader: StoreReader | null = null
  #writer: Store | null = null
  #isTold = false

  constructor(absent: Absent, output: Output) {
    this.#absent = absent
    this.#output = output
  }

  /** Rejects with CommandError, `store_newer` and `store_unavailable`. */
  async fetch(request: Request): Promise<Response> {
    if (!existsSync(this.#absent.store)) {
      throw this.#unreachable(
        `and there is no store ${this.#absent.store}`,
        'start it with onsignup start, name another with --url, or correct store: in the configuration',
      )
    }
    // Once it was changed here, it is read where it was changed.
    if (request.method === 'GET' && this.#writer === null) {
      const store = this.#reading()
      return answer(askingRoutes({ store, now }), request)
    }
    const store = await this.#writing()
    const routes = new Hono()
      .route('/', askingRoutes({ store, now }))
      .route('/', actingRoutes({ operator: operatorOf(store, systemClock), store, now }))
    return answer(routes, request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader?.[Symbol.dispose]()
    await this.#writer?.close()
  }

  #reading(): StoreReader {
    this.#reader ??= readSqliteStore(this.#absent.store)
    this.#tell(this.#reader.isInUse)
    return this.#reader
  }

  async #writing(): Promise<Store> {
    if (this.#writer !== null) return this.#writer
    const store = createSqliteStore({ path: this.#absent.store, existing: true })
    try {
      await store.open(now())
    } catch (error) {
      if (!(error instanceof OnSignupError) || error.code !== 'store_locked') throw error
      throw this.#unreachable(
        `and another process has its store ${this.#absent.store} open`,
        'name that service with --url, or stop it first',
      )
    }
    this.#writer = store
    this.#tell(false)
    return store
  }

  /** Says once who answers; `isInUse`: by a process that is not where the configuration has the service. */
  #tell(isInUse: boolean): void {
    if (this.#isTold) return
    this.#isTold = true
    const { url, store } = this.#absent
    const { stderr } = this.#output
    const said = isInUse
      ? `no service answers at ${url}, though a process has the store ${store} open: the store stands in`
      : `no service runs: the store ${store} stands in`
    stderr.write(`${styled(stderr, 'dim', said)}\n`)
  }

  #unreachable(why: string, mend: string): CommandError {
    return new CommandError(EXIT.unreachable, `no service answers at ${this.#absent.url}, ${why}`, mend)
  }
}
