import { Tokenizer, TypeGuards, type Liquid } from 'liquidjs'
import { nearest } from '../nearest.ts'
import { createLiquid } from './liquid.ts'
import { variableProblem } from './variables.ts'

const plain: Liquid = createLiquid()

const MISTAKEN_OPERATORS: readonly (readonly [start: string, mend: string])[] = [
  ['&&', 'write and'],
  ['||', 'write or'],
  ['===', 'write =='],
  ['=', 'write =='],
  ['!', 'write != between two values, or == false'],
]

const withoutPosition = (message: string): string => message.replace(/, line:\d+, col:\d+$/, '')

const parseProblem = (error: unknown): string => {
  const message = withoutPosition(error instanceof Error ? error.message : String(error))
  const filter = /^undefined filter: (\S+)/.exec(message)?.[1]
  if (filter === undefined) return message
  const meant = nearest(filter, Object.keys(plain.filters))
  return `there is no filter ${filter}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

/** Everything wrong with a template: its syntax, unknown filters, variables that no event has. */
export const templateProblems = (source: string): readonly string[] => {
  try {
    const variables = plain.globalVariableSegmentsSync(plain.parse(source))
    return variables.flatMap((segments) => variableProblem(segments) ?? [])
  } catch (error) {
    return [parseProblem(error)]
  }
}

/** What is left of an expression that Liquid would silently not read, or what stands where it should not. */
const expressionProblem = (source: string): string | undefined => {
  const tokenizer = new Tokenizer(source, plain.options.operators)
  let wantsOperand = true
  for (const token of tokenizer.readExpressionTokens()) {
    const text = token.getText()
    const isOperator = TypeGuards.isOperatorToken(token)
    if (isOperator && text.trim() === 'not') continue
    if (isOperator === wantsOperand) {
      return isOperator ? `a value is missing before ${text.trim()}` : `stray word ${text}`
    }
    wantsOperand = isOperator
  }
  tokenizer.skipBlank()
  if (!tokenizer.end()) {
    const rest = tokenizer.remaining()
    const mistaken = MISTAKEN_OPERATORS.find(([start]) => rest.startsWith(start))
    return mistaken === undefined
      ? `cannot read ${rest}`
      : `${mistaken[0]} is no operator here: ${mistaken[1]}`
  }
  return wantsOperand ? 'a value is missing at the end' : undefined
}

/** Everything wrong with a condition: emptiness, stray words, unknown variables. */
export const conditionProblems = (source: string): readonly string[] => {
  if (source.trim() === '') return ['the condition is empty: write one, or leave it out']
  if (/\{\{|\{%/.test(source)) return ['a condition is a bare expression: write it without {{ }}']
  try {
    const problem = expressionProblem(source)
    return problem === undefined ? templateProblems(conditionTemplate(source)) : [problem]
  } catch (error) {
    return [parseProblem(error)]
  }
}

/** A condition as the template that renders to text when it holds. */
export const conditionTemplate = (source: string): string => `{% if ${source} %}holds{% endif %}`
