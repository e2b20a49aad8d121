import { Context, LiquidError, Output, toValueSync, type Template } from 'liquidjs'
import { OnSignupError } from '../errors.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { Failure, rejected, retry } from '../outcome.ts'
import { conditionProblems, conditionTemplate, templateProblems } from './check.ts'
import { createLiquid, RENDER_LIMIT, tookTooLong } from './liquid.ts'

/** Makes a value harmless in the place that it goes to. */
export type Escape = (value: string) => string

/**
 * Compiles the Liquid templates of a connector's options; every method throws `template_invalid` at once. What it
 * returns throws a failure of the code `template` for an event that cannot be rendered: `rejected`, or `retry` where it
 * took too long.
 */
export interface Templates {
  /** A text with each `{{ … }}` replaced and escaped; cleaning values of control characters is the escape's. */
  text(source: string, escape: Escape): (event: RegistrationEvent) => string
  /** A value: a source that is one `{{ … }}` keeps the type of what it names, anything else is text. */
  value(source: string): (event: RegistrationEvent) => unknown
}

const asIs: Escape = (value) => value

/** The code of a failure that says nothing of the far side, which was not asked. */
export const TEMPLATE_FAILED = 'template'

/** What is shown of a template that fails, so that the reason is still seen after it. */
const SHOWN = 200

const refuse = (what: string, source: string, problems: readonly string[]): void => {
  if (problems.length === 0) return
  throw new OnSignupError('template_invalid', `${what} ${JSON.stringify(source)}: ${problems.join('; ')}`, {
    mend: 'correct it; the names are those of the registration event',
  })
}

const onlyOutput = (templates: readonly Template[]): Output | undefined => {
  const [only] = templates
  return templates.length === 1 && only instanceof Output ? only : undefined
}

/**
 * No retry mends a template that fails on an event, but one of what took too long may; what an escape refuses by a
 * failure of its own stays that.
 */
const orFailure = <T>(what: string, source: string, render: () => T): T => {
  try {
    return render()
  } catch (error) {
    const cause: unknown = LiquidError.is(error) ? error.originalError : error
    if (Failure.is(cause)) throw cause
    const shown = `${what} ${JSON.stringify(source.slice(0, SHOWN))}`
    if (tookTooLong(cause)) {
      throw retry(`${shown} took more than ${RENDER_LIMIT} ms on this event`, {
        code: TEMPLATE_FAILED,
        mend: 'if it does so again, make it shorter',
        cause,
      })
    }
    throw rejected(`${shown} fails on this event`, {
      code: TEMPLATE_FAILED,
      mend: 'correct it, then retry the delivery',
      cause,
    })
  }
}

// Some tags, as increment, write to the scope they are given, and the event is everybody's.
const scopeOf = (event: RegistrationEvent): RegistrationEvent => ({ ...event })

/** Templates with an engine for each escape, made once. */
export const createTemplates = (): Templates => {
  const engines = new Map<Escape, ReturnType<typeof createLiquid>>()
  const typed = createLiquid()
  const engineFor = (escape: Escape) => {
    const engine = engines.get(escape) ?? createLiquid(escape)
    engines.set(escape, engine)
    return engine
  }
  const text: Templates['text'] = (source, escape) => {
    refuse('the template', source, templateProblems(source))
    const engine = engineFor(escape)
    const parsed = engine.parse(source)
    return (event) =>
      orFailure('the template', source, () => String(engine.renderSync(parsed, scopeOf(event))))
  }
  return {
    text,
    value(source) {
      refuse('the template', source, templateProblems(source))
      const output = onlyOutput(typed.parse(source))
      if (output === undefined) return text(source, asIs)
      return (event) =>
        orFailure('the template', source, () =>
          toValueSync(output.value.value(new Context(scopeOf(event), typed.options, { sync: true }))),
        )
    },
  }
}

/** Compiles a connector's `if`; throws `template_invalid`. */
export const compileCondition = (source: string): ((event: RegistrationEvent) => boolean) => {
  refuse('the condition', source, conditionProblems(source))
  const engine = createLiquid()
  const parsed = engine.parse(conditionTemplate(source))
  return (event) => orFailure('the condition', source, () => engine.renderSync(parsed, scopeOf(event)) !== '')
}
