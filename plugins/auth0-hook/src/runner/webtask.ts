import type { Auth0HookView } from '../hook-view.ts'
import { LONGEST_DATA, type StateRequest } from './protocol.ts'

/** Asks the service for something of the connector's durable state. */
export type Ask = (request: StateRequest) => Promise<unknown>

type Done = (error?: unknown, data?: unknown) => void

interface StorageOptions {
  readonly force?: boolean
  readonly etag?: string | null
}

/** What the service answers about the stored data. */
interface Stored {
  readonly data?: string
  readonly etag: string | null
  readonly conflict?: boolean
}

const isStored = (value: unknown): value is Stored =>
  typeof value === 'object' && value !== null && 'etag' in value

const parsed = (data: string | undefined): unknown => (data === undefined ? undefined : JSON.parse(data))

const argumentsOf = (options: unknown, done: unknown): { options: StorageOptions; done: Done } => {
  const callback = done ?? options
  if (typeof callback !== 'function') throw new Error('Callback must be a function.')
  const given: unknown = done === undefined ? {} : options
  if (typeof given !== 'object' || given === null) throw new Error('Options must be an object.')
  return { options: given, done: (...args) => void Reflect.apply(callback, undefined, args) }
}

/** `context.webtask.storage`: one JSON value of the connector's, with its tag; the tag is of the last read in this run. */
const storageOf = (ask: Ask) => {
  let etag: string | null | undefined
  const answer = async (request: StateRequest): Promise<Stored> => {
    const stored = await ask(request)
    if (!isStored(stored)) throw new Error('The storage did not answer.')
    return stored
  }
  // A throw of the callback is the script's, and nobody else's to catch.
  const settle = (result: Promise<() => void>, done: Done) => {
    const call = (then: () => void) => void setImmediate(then)
    result.then(call, (error: unknown) => call(() => done(error)))
  }
  return {
    get(first: unknown, second?: unknown): void {
      const { done } = argumentsOf(first, second)
      const read = async () => {
        const stored = await answer({ op: 'storage.get' })
        etag = stored.etag
        const data = parsed(stored.data)
        return () => done(null, data)
      }
      settle(read(), done)
    },
    set(data: unknown, first?: unknown, second?: unknown): void {
      const { options, done } = argumentsOf(first ?? (() => {}), second)
      const isNothing = data === undefined || data === null
      if (!isNothing && etag === undefined && options.etag === undefined && options.force !== true) {
        throw new Error(
          'When calling storage.set without having called storage.get before, you must specify the .force option.',
        )
      }
      const expected = options.force === true ? undefined : options.etag === undefined ? etag : options.etag
      const text = isNothing ? null : JSON.stringify(data)
      const write = async () => {
        if (text !== null && text.length > LONGEST_DATA) {
          throw new Error(`The storage holds at most ${LONGEST_DATA} characters of JSON.`)
        }
        const stored = await answer({ op: 'storage.set', data: text, etag: expected })
        if (stored.conflict !== true) {
          etag = stored.etag
          return () => done(null)
        }
        const conflict = parsed(stored.data)
        const error = new Error('Item was modified since it was read.')
        return () => done(Object.assign(error, { code: 409, conflict }))
      }
      settle(write(), done)
    },
  }
}

const unavailable = (name: string) => (): never => {
  throw new Error(
    `context.webtask.${name} is not available outside of Auth0: there is no Webtask service here`,
  )
}

/** The Hook's view with what only a script's own process has: storage, and clear errors for what Auth0 alone had. */
export const withWebtask = (view: Auth0HookView, ask: Ask): Auth0HookView => {
  const { webtask } = view.context
  Object.assign(webtask, {
    body_raw: JSON.stringify(webtask.body),
    storage: storageOf(ask),
    create_token: unavailable('create_token'),
    create_token_url: unavailable('create_token_url'),
  })
  return view
}
