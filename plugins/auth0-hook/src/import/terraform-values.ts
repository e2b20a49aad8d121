import { isFields, textOf, type Fields } from './document.ts'

/** Resources that bind Actions to a trigger. */
export const BINDINGS: readonly string[] = [
  'auth0_trigger_actions',
  'auth0_trigger_binding',
  'auth0_trigger_action',
]

/** Names with values that are known without running Terraform: locals, and defaults of variables that nobody gives another. */
export type Known = ReadonlyMap<string, string>

/** A block is a list in one form of the language, and a mapping or a list in the other. */
export const blocksOf = (value: unknown): readonly Fields[] =>
  (Array.isArray(value) ? value : [value]).filter(isFields)

const ESCAPES = /\$\$\{|%%\{|\$\{|%\{/g

/** Whether Terraform would have to evaluate it. */
export const isExpression = (text: string): boolean =>
  [...text.matchAll(ESCAPES)].some(([mark]) => mark === '${' || mark === '%{')

/** Text in which nothing has to be evaluated, as it is meant. */
export const unescaped = (text: string): string => text.replaceAll('$${', '${').replaceAll('%%{', '%{')

/** What files say of names, where variables are `given` values. */
export const knownIn = (files: readonly Fields[], given: readonly Fields[]): Known => {
  const known = new Map<string, string>()
  const learn = (name: string, value: unknown): void => {
    const text = textOf(value)
    if (text !== undefined && !isExpression(text)) known.set(name, text)
  }
  for (const fields of files) {
    for (const locals of blocksOf(fields.get('locals'))) {
      for (const [name, value] of locals) learn(`local.${name}`, value)
    }
    for (const [name, value] of blocksOf(fields.get('variable')).flatMap((labels) => [...labels])) {
      const others = given.filter((values) => values.has(name)).map((values) => textOf(values.get(name)))
      for (const block of blocksOf(value)) {
        const preset = block.get('default')
        if (others.every((other) => other === textOf(preset))) learn(`var.${name}`, preset)
      }
    }
  }
  return known
}

const SIMPLE = /\$\{\s*((?:local|var)\.[\w-]+)\s*\}/g

/** Text with what is known put in; undefined when Terraform would have to evaluate the rest. */
export const evaluated = (value: unknown, known: Known): string | undefined => {
  const text = textOf(value)
  if (text === undefined) return undefined
  const filled = text.replaceAll(SIMPLE, (whole: string, name: string) => known.get(name) ?? whole)
  return isExpression(filled) ? undefined : unescaped(filled)
}

/** A truth value; undefined when Terraform would have to evaluate it. */
export const isOn = (value: unknown, known: Known): boolean | undefined => {
  const text = evaluated(value, known)
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

/** Whether Terraform makes nothing of a resource. */
export const isNone = (resource: Fields, known: Known): boolean => {
  const each = resource.get('for_each')
  const isEmpty = (Array.isArray(each) && each.length === 0) || (isFields(each) && each.size === 0)
  return isEmpty || evaluated(resource.get('count'), known) === '0'
}
