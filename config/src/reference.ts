import type { Plugin } from '@onsignup/core'
import { connectorSchema, frameSchema } from './frame.ts'
import type { Sources } from './schema.ts'
import { sourceForm } from './source.ts'
import { childOf, isRequired, jsonForm, keysOf, shapeOf, type JsonNode, type Shape } from './json-schema.ts'
import { choicesOf, rangeWords, typeWords } from './words.ts'

interface Row {
  readonly key: string
  readonly shape: Shape
  readonly required: boolean
}

const NESTED_LIMIT = 3

const rows = (shape: Shape, root: JsonNode, prefix: string, depth = 0): readonly Row[] =>
  (keysOf(shape) ?? []).flatMap((key) => {
    const inner = childOf(shape, key, root)
    const nested = depth < NESTED_LIMIT ? rows(inner, root, `${prefix}${key}.`, depth + 1) : []
    return [{ key: `${prefix}${key}`, shape: inner, required: isRequired(shape, key) }, ...nested]
  })

const first = (shape: Shape, keyword: string): unknown => shape.find((node) => keyword in node)?.[keyword]

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

const kind = (shape: Shape): string => {
  const choices = choicesOf(shape)
  if (choices.length > 0) return choices.map(code).join(' or ')
  const words = `${typeWords(shape)}${rangeWords(shape)}`
  if (first(shape, 'template') === true) return `${words}, template`
  return first(shape, 'writeOnly') === true ? `${words}, secret` : words
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const DEFAULT_IN_WORDS = /\s*Default: ((?:[^.]|\.(?!\s|$))+)\.?$/

const line = ({ key, shape, required }: Row): string => {
  const description = String(first(shape, 'description') ?? '')
  const value = first(shape, 'default')
  const said = DEFAULT_IN_WORDS.exec(description)?.[1]
  const known = value === undefined || isEmptyObject(value) ? said : code(JSON.stringify(value))
  const text = value === undefined ? description.replace(DEFAULT_IN_WORDS, '') : description
  return `| ${code(key)} | ${cell(kind(shape))} | ${required ? 'required' : cell(known ?? '')} | ${cell(text)} |`
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const table = (list: readonly Row[]): string =>
  ['| key | value | default | what it is for |', '| --- | --- | --- | --- |', ...list.map(line)].join('\n')

const tableOf = (form: JsonNode): string => table(rows(shapeOf(form, form), form, ''))

const INTRODUCTION = `# Configuration

<!-- Written by app/scripts/generate-reference.ts from the schemas; change those. -->

One YAML file, \`onsignup.yaml\`. \`config/onsignup.yaml\` is an example to copy, \`config/schema.json\` lets an
editor complete it: begin the file with \`# yaml-language-server: $schema=…\`.

- \`\${NAME}\` is replaced by a variable of the environment, \`\${NAME:-default}\` has a default for one that is not set
  or empty, \`\${NAME:?message}\` says what is missing. \`$\${\` is a literal \`\${\`. A \`.env\` beside the file is read too;
  the environment wins. A replaced value is typed by the option that it is for: \`port: \${PORT}\` is a number.
- Durations are a number and a unit: \`250ms\`, \`10s\`, \`5m\`, \`1h\`, \`7d\`.
- Paths are relative to the folder of the file.
- Templates and \`if\` are [Liquid](https://liquidjs.com); their names are those of the registration event, as
  \`{{ user.email }}\`. Begin a value with \`{{\` and it needs quotes.
- Every mistake is reported at once, with its line and what to write instead. Unknown keys are mistakes.

## The file
`

/** The reference page in Markdown: every key of the file and every option of the plugins and the sources. */
export const referencePage = (plugins: readonly Plugin[], sources: Sources): string => {
  const frame = jsonForm(frameSchema)
  const shape = shapeOf(frame, frame)
  return [
    INTRODUCTION,
    table(rows(shape, frame, '')),
    '\n## connectors.*name*\n',
    tableOf(jsonForm(connectorSchema)),
    ...plugins.flatMap((plugin) => [
      `\n## with, for \`uses: ${plugin.name}\`\n`,
      tableOf(jsonForm(plugin.options)),
    ]),
    ...Object.entries(sources).flatMap(([provider, options]) => [
      `\n## sources.*name*, for \`uses: ${provider}\`\n`,
      tableOf(sourceForm(options)),
    ]),
    '',
  ].join('\n')
}
