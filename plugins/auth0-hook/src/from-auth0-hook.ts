import {
  createRedact,
  OnSignupError,
  retry,
  type Attempt,
  type Outcome,
  type RegistrationEvent,
  type Run,
} from '@onsignup/core'
import { calledBack, isThenable, type End } from './end.ts'
import { hookView, type Auth0HookContext, type Auth0HookUser, type Auth0HookView } from './hook-view.ts'
import { outcomeOf } from './outcome.ts'
import { tellError, wordsOf } from './told.ts'

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
      if (!end({ how: 'threw', error: wordsOf(error) })) late(error)
    }
    const callback: Auth0HookCallback = (error, response) => {
      if (!end(calledBack(error, response, { user, context })) && error) late(error)
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
      const { message, code } = tellError(wordsOf(error), redact)
      logger.warn({ connector, event: event.id, code }, `the hook failed after it had ended: ${message}`)
    })
    if (end.how === 'returned' && hook.length >= 3) {
      logger.warn({ connector, event: event.id }, 'the hook ended without calling cb; counted as done')
    }
    return outcomeOf(end, redact)
  }
}
