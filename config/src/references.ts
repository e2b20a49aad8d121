/** The environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable that a value was made of. */
export interface Variable {
  readonly name: string
  readonly value: string
}

/** What became of a text's `${…}` references. */
export interface Expansion {
  readonly text: string
  /** Variables of the environment whose value is in the text; defaults are not among them. */
  readonly variables: readonly Variable[]
  readonly problems: readonly { readonly message: string; readonly mend: string }[]
}

const LITERAL = '$${'
const START = '${'
const BODY = /^([A-Za-z_]\w*)(?:(:-|:\?)([\s\S]*))?$/

const closingBrace = (text: string, from: number): number => {
  let depth = 0
  for (let index = from; index < text.length; index += 1) {
    if (text.startsWith(START, index)) depth += 1
    else if (text[index] === '}' && depth > 0) depth -= 1
    else if (text[index] === '}') return index
  }
  return -1
}

const broken = (message: string, mend: string): Expansion => ({
  text: '',
  variables: [],
  problems: [{ message, mend }],
})

// A default may be a secret that somebody wrote down, so only the name is shown.
const unreadable = (body: string): Expansion => {
  const name = /^\s*([A-Za-z_]\w*)/.exec(body)?.[1]
  return broken(
    name === undefined ? 'a reference that cannot be read' : `the reference to ${name} cannot be read`,
    `write ${name === undefined ? '${NAME}' : `\${${name}}`}, \${NAME:-default} or \${NAME:?message}; for a literal \${ write $\${`,
  )
}

const resolve = (body: string, environment: Environment): Expansion => {
  const [, name, operator, rest = ''] = BODY.exec(body) ?? []
  if (name === undefined) return unreadable(body)
  const value = environment[name]
  const isUsable = value !== undefined && (operator === undefined || value !== '')
  if (isUsable) return { text: value, variables: [{ name, value }], problems: [] }
  if (operator === ':-') return expand(rest, environment)
  const what = `${name} is ${value === undefined ? 'not set' : 'empty'}`
  return broken(
    rest === '' ? what : `${what}: ${rest}`,
    `set ${name} in the environment or in .env beside the file`,
  )
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}`; `$${` is a literal `${`. */
export const expand = (text: string, environment: Environment): Expansion => {
  const parts: Expansion[] = []
  let written = ''
  let index = 0
  while (index < text.length) {
    if (text.startsWith(LITERAL, index)) {
      written += START
      index += LITERAL.length
    } else if (text.startsWith(START, index)) {
      const end = closingBrace(text, index + START.length)
      const stop = end === -1 ? text.length : end
      const part =
        end === -1
          ? unreadable(text.slice(index + START.length))
          : resolve(text.slice(index + START.length, stop), environment)
      parts.push(part)
      written += part.text
      index = stop + 1
    } else {
      written += text[index]
      index += 1
    }
  }
  return {
    text: written,
    variables: parts.flatMap((part) => part.variables),
    problems: parts.flatMap((part) => part.problems),
  }
}
