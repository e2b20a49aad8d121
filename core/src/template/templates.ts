import { Context, Output, toValueSync, type Template } from 'liquidjs'
import { OnSignupError } from '../errors.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { conditionProblems, conditionTemplate, templateProblems } from './check.ts'
import { createLiquid } from './liquid.ts'

/** Makes a value harmless in the place that it goes to. */
export type Escape = (value: string) => string

/** Compiles the Liquid templates of a connector's options; every method throws `template_invalid` at once. */
export interface Templates {
  /** A text with each `{{ … }}` replaced and escaped; cleaning values of control characters is the escape's. */
  text(source: string, escape: Escape): (event: RegistrationEvent) => string
  /** A value: a source that is one `{{ … }}` keeps the type of what it names, anything else is text. */
  value(source: string): (event: RegistrationEvent) => unknown
}

const asIs: Escape = (value) => value

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

/** Templates with an engine for each escape, made once. */
export const createTemplates = (): Templates => {
  const engines = new Map<Escape, ReturnType<typeof createLiquid>>()
  const engineFor = (escape: Escape) => {
    const engine = engines.get(escape) ?? createLiquid(escape)
    engines.set(escape, engine)
    return engine
  }
  const text: Templates['text'] = (source, escape) => {
    refuse('the template', source, templateProblems(source))
    const engine = engineFor(escape)
    const parsed = engine.parse(source)
    return (event) => String(engine.renderSync(parsed, event))
  }
  return {
    text,
    value(source) {
      refuse('the template', source, templateProblems(source))
      const engine = engineFor(asIs)
      const output = onlyOutput(engine.parse(source))
      if (output === undefined) return text(source, asIs)
      return (event) => toValueSync(output.value.value(new Context(event, engine.options, { sync: true })))
    },
  }
}

/** Compiles a connector's `if`; throws `template_invalid`. */
export const compileCondition = (source: string): ((event: RegistrationEvent) => boolean) => {
  refuse('the condition', source, conditionProblems(source))
  const engine = createLiquid(asIs)
  const parsed = engine.parse(conditionTemplate(source))
  return (event) => engine.renderSync(parsed, event) !== ''
}
