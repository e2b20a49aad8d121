import {
  createRedact,
  delivered,
  OnSignupError,
  retry,
  unknown,
  type Attempt,
  type Outcome,
  type Redact,
  type RegistrationEvent,
  type Run,
} from '@onsignup/core'
import { hookView, type Auth0HookContext, type Auth0HookUser, type Auth0HookView } from './hook-view.ts'
import { tellError, tellResponse } from './told.ts'

/** Ends a Hook: with an error, or with a response that is kept for the history and nothing else. */
export type Auth0HookCallback = (error?: unknown, response?: unknown, ...ignored: unknown[]) => void

/** A post-user-registration Hook as Auth0 ran it; it may be async, and take fewer arguments. */
export type Auth0Hook = (user: Auth0HookUser, context: Auth0HookContext, cb: Auth0HookCallback) => unknown

/** What a Hook finds in `context.webtask`. */
export interface FromAuth0HookOptions {
  /** `context.webtask.secrets` and `.data`; kept out of messages and logs. Default: none. */
  readonly secrets?: Readonly<Record<string, string>>
  /** `context.webtask.meta`. Default: `hook-name`, the connector's name. */
  readonly meta?: Readonly<Record<string, string>>
}

/** How a Hook ended. */
type End =
  | { readonly how: 'called back'; readonly error: unknown; readonly response: unknown }
  | { readonly how: 'threw'; readonly error: unknown }
  | { readonly how: 'returned' }
  | { readonly how: 'stopped' }

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Calls the Hook and waits for the first of its ends; errors that come later go to `late`. */
const call = (
  hook: Auth0Hook,
  { user, context }: Auth0HookView,
  signal: AbortSignal,
  late: (error: unknown) => void,
): Promise<End> =>
  new Promise((resolve) => {
    let ended = false
    const end = (how: End) => {
      if (ended) return false
      ended = true
      signal.removeEventListener('abort', stop)
      resolve(how)
      return true
    }
    const stop = () => void end({ how: 'stopped' })
    const threw = (error: unknown) => {
      if (!end({ how: 'threw', error })) late(error)
    }
    const callback: Auth0HookCallback = (error, response) => {
      // Auth0 asks `if (error)`: null, undefined and what else is false mean that all went well.
      if (!end({ how: 'called back', error, response }) && error) late(error)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      const returned = hook(user, context, callback)
      // One that takes no callback, or whose promise is done, will not call back.
      if (isThenable(returned)) Promise.resolve(returned).then(() => end({ how: 'returned' }), threw)
      else if (hook.length < 3) end({ how: 'returned' })
    } catch (error) {
      threw(error)
    }
  })

const outcomeOf = (end: End, { user, context }: Auth0HookView, redact: Redact): Outcome => {
  if (end.how === 'stopped') {
    return unknown('the hook did not finish in time; it may still be running', {
      code: 'hook_timeout',
      mend: 'have it call cb, or give the connector a longer timeout',
    })
  }
  if (end.how === 'returned') return delivered()
  if (end.how === 'called back' && !end.error) {
    // Old samples answer with what they were given, which is nothing to keep.
    const echo = end.response === user || end.response === context
    return delivered(echo ? undefined : tellResponse(end.response, redact))
  }
  const { message, code, cause } = tellError(end.error, redact)
  return retry(`the hook ${end.how === 'threw' ? 'threw' : 'failed'}: ${message}`, {
    code: code ?? 'hook_failed',
    cause,
  })
}

/**
 * Makes a hook of a function in the form of Auth0's Hooks: `.use('legacy', fromAuth0Hook((user, context, cb) => …))`.
 * It runs in this process: what it throws from a timer or a listener of its own ends the process, as it did Auth0's.
 */
export const fromAuth0Hook = (
  hook: Auth0Hook,
  options: FromAuth0HookOptions = {},
): ((event: RegistrationEvent, run: Run & Attempt) => Promise<Outcome>) => {
  if (typeof hook !== 'function') {
    throw new OnSignupError(
      'connector_invalid',
      `fromAuth0Hook takes a function and was given ${typeof hook}`,
      {
        mend: 'hand over the function itself: fromAuth0Hook((user, context, cb) => { … cb() })',
      },
    )
  }
  const secrets = { ...options.secrets }
  const redact = createRedact(Object.values(secrets))
  return async (event, run) => {
    const { connector, logger, signal, idempotencyKey } = run
    if (signal.aborted) return retry('stopped before the hook was called', { code: 'stopped' })
    const meta = options.meta ?? { 'hook-name': connector }
    const view = hookView(event, idempotencyKey, { secrets, meta })
    const end = await call(hook, view, signal, (error) => {
      const { message, code } = tellError(error, redact)
      logger.warn({ connector, event: event.id, code }, `the hook failed after it had ended: ${message}`)
    })
    if (end.how === 'returned' && hook.length >= 3) {
      logger.warn({ connector, event: event.id }, 'the hook ended without calling cb; counted as done')
    }
    return outcomeOf(end, view, redact)
  }
}
