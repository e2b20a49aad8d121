import { readFileSync } from 'node:fs'
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv'
import nock from 'nock'
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest'
import { z } from 'zod'

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../test/${name}`, import.meta.url), 'utf8'))

const schema = z.looseObject({ type: z.string() })
const operation = z.object({
  parameters: z
    .array(z.object({ in: z.string(), name: z.string(), required: z.boolean().optional(), schema }))
    .default([]),
  requestBody: z
    .object({
      content: z.object({
        'application/x-www-form-urlencoded': z.object({
          schema: z.object({ properties: z.record(z.string(), schema), required: z.array(z.string()) }),
        }),
      }),
    })
    .optional(),
})
const openApi = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) })

/** What the document, which is of 2020, does not know yet: https://docs.slack.dev/reference/methods (2026-11) */
const NEWER: Readonly<Record<string, Readonly<Record<string, AnySchema>>>> = {
  'chat.postMessage': { metadata: { type: 'string' } },
  'conversations.history': { include_all_metadata: { type: 'boolean' } },
}

// A form carries all as text.
const forms = new Ajv({ coerceTypes: true, allErrors: true, strict: false })

const methods = new Map<string, ValidateFunction>(
  Object.entries(openApi.parse(fixture('slack-web-api.json')).paths).map(([path, operations]) => {
    const method = path.slice(1)
    const [{ parameters = [], requestBody } = {}] = Object.values(operations)
    const body = requestBody?.content['application/x-www-form-urlencoded'].schema
    // The token goes in a header.
    const asked = parameters.filter(({ in: place }) => place === 'query')
    return [
      method,
      forms.compile({
        type: 'object',
        properties: {
          ...Object.fromEntries(asked.map(({ name, schema: of }) => [name, of])),
          ...body?.properties,
          ...NEWER[method],
        },
        required: [
          ...asked.filter(({ required }) => required).map(({ name }) => name),
          ...(body?.required ?? []),
        ],
        additionalProperties: false,
      }),
    ]
  }),
)

/** Slack's types as JSON Schema, which slack-types.test.ts keeps true. */
const types = new Ajv({ allErrors: true, strict: false })
types.addSchema(z.record(z.string(), z.unknown()).parse(fixture('slack-types.json')), 'types')
const typeProblems = (name: string, value: unknown): readonly string[] =>
  types.validate({ $ref: `types#/definitions/${name}` }, value) === true
    ? []
    : [`${name} ${JSON.stringify(value).slice(0, 200)}: ${types.errorsText()}`]

const textObject = z.object({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string() })
const block = z.looseObject({
  type: z.string(),
  text: z.unknown().optional(),
  fields: z.array(z.unknown()).max(10).default([]),
  elements: z.array(z.looseObject({ type: z.string(), text: z.unknown().optional() })).default([]),
})

const tooLong = (value: unknown, most: number): readonly string[] => {
  const read = textObject.safeParse(value)
  if (!read.success || (read.data.text.length > 0 && read.data.text.length <= most)) return []
  return [
    `a text of ${read.data.text.length} characters, where 1 to ${most} may be: ${read.data.text.slice(0, 80)}`,
  ]
}

const MOST_OF: Readonly<Record<string, number>> = { header: 150, section: 3_000 }
const MOST_ELEMENTS: Readonly<Record<string, number>> = { context: 10, actions: 25 }

/** The limits that the types do not know: https://docs.slack.dev/reference/block-kit/blocks (2026-11) */
const limitProblems = (given: unknown): readonly string[] => {
  const { type, text, fields, elements } = block.parse(given)
  const most = MOST_ELEMENTS[type] ?? Infinity
  return [
    ...tooLong(text, MOST_OF[type] ?? Infinity),
    ...fields.flatMap((field) => tooLong(field, 2_000)),
    ...elements.flatMap((element) =>
      element.type === 'button' ? tooLong(element.text, 75) : tooLong(element, 3_000),
    ),
    ...(elements.length > most ? [`${elements.length} elements in ${type}`] : []),
    ...(type === 'markdown' && String(text).length > 12_000
      ? ['markdown of more than 12,000 characters']
      : []),
  ]
}

const textOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, inner]) => sum + (key === 'text' && typeof inner === 'string' ? inner.length : textOf(inner)),
    0,
  )
}

const json = z.string().transform((text): unknown => JSON.parse(text))
const blocksText = json.pipe(z.array(z.unknown()).min(1).max(50))

/** What Slack would find wrong with the arguments of a method, all of them text; empty when nothing. */
export const problemsOf = (method: string, form: Readonly<Record<string, string>>): readonly string[] => {
  const validate = methods.get(method)
  if (validate === undefined) return [`no method ${method}`]
  const problems = validate({ ...form }) ? [] : [`${method}: ${forms.errorsText(validate.errors)}`]
  if (form['text'] !== undefined && !(form['text'].trim().length > 0 && form['text'].length <= 40_000)) {
    problems.push(`a text of ${form['text'].length} characters`)
  }
  if (form['metadata'] !== undefined)
    problems.push(...typeProblems('MessageMetadata', json.parse(form['metadata'])))
  if (form['blocks'] === undefined) return problems
  const blocks = blocksText.parse(form['blocks'])
  if (textOf(blocks) > 13_200) problems.push(`${textOf(blocks)} characters in all blocks`)
  return [
    ...problems,
    ...blocks.flatMap((one) => [...typeProblems('KnownBlock', one), ...limitProblems(one)]),
  ]
}

const body = z.record(z.string(), z.unknown())

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** A message as a form carries it. */
export const formOf = (message: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(message).map(([key, value]) => [key, asText(value)]))

/** A webhook takes what chat.postMessage takes, but for where it goes, and metadata. */
export const webhookProblems = (message: Readonly<Record<string, unknown>>): readonly string[] => {
  const form = formOf(message)
  const foreign = ['channel', 'metadata']
    .filter((key) => key in form)
    .map((key) => `a webhook takes no ${key}`)
  return [...foreign, ...problemsOf('chat.postMessage', { channel: 'C0123456789', ...form })]
}

const problemsOfRequest = async (request: Request): Promise<readonly string[]> => {
  const { pathname } = new URL(request.url)
  const text = await request.text()
  if (pathname.startsWith('/services/')) {
    const message = body.parse(JSON.parse(text))
    // A check posts nothing.
    return Object.keys(message).length === 0 ? [] : webhookProblems(message)
  }
  const form = Object.fromEntries(new URLSearchParams(text))
  return problemsOf(pathname.replace('/api/', ''), form)
}

/**
 * Nothing leaves the machine; a request that nobody expected fails the test instead of looking like a 501, and so does
 * one that Slack would not take.
 */
export const useNock = (): void => {
  const unmatched: string[] = []
  const problems: string[] = []
  const note = ({ url }: Request) => unmatched.push(url)
  beforeEach(() => {
    nock.disableNetConnect()
    nock.emitter.on('no match', note)
    const real = globalThis.fetch
    vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
      problems.push(...(await problemsOfRequest(new Request(...args))))
      return real(...args)
    })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    nock.emitter.removeListener('no match', note)
    const [missed, pending] = [unmatched.splice(0), nock.pendingMocks()]
    nock.cleanAll()
    expect({ missed, pending, problems: problems.splice(0) }).toEqual({
      missed: [],
      pending: [],
      problems: [],
    })
  })
  afterAll(() => nock.restore())
}
