import type { Plugin, Schema } from '@onsignup/core'
import { NAME } from '@onsignup/core/engine'
import { connectorSchema, frameSchema } from './frame.ts'
import { isNode, jsonForm, propertiesOf, type JsonNode } from './json-schema.ts'
import { sourceForm } from './source.ts'

const TARGET = 'draft-07'

const REFERENCE = { type: 'string', pattern: '\\$\\{[A-Za-z_]\\w*(:[-?].*)?\\}' }

const LIMITS = ['enum', 'const', 'pattern', 'format', 'maxLength']

const isLimitedScalar = (node: JsonNode): boolean => {
  const types = Array.isArray(node['type']) ? node['type'] : [node['type']]
  if (types.some((type) => type === 'object' || type === 'array')) return false
  if (types.includes('string')) return LIMITS.some((limit) => limit in node)
  return types.some((type) => type === 'number' || type === 'integer' || type === 'boolean')
}

const WORDS = ['description', 'default', 'examples', 'writeOnly', 'template']

const only = (node: JsonNode, isIn: (key: string) => boolean): JsonNode =>
  Object.fromEntries(Object.entries(node).filter(([key]) => isIn(key)))

/** Lets `${NAME}` stand for what is limited to less than any text. */
const orReference = (node: JsonNode): JsonNode => {
  if (!isLimitedScalar(node)) return node
  const words = only(node, (key) => WORDS.includes(key))
  return { ...words, anyOf: [only(node, (key) => !WORDS.includes(key)), REFERENCE] }
}

const closed = (node: JsonNode): JsonNode =>
  isNode(node['properties']) && node['additionalProperties'] === undefined
    ? { ...node, additionalProperties: false }
    : node

const mapValues = (node: unknown, change: (value: unknown) => unknown): unknown =>
  isNode(node) ? Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value)])) : node

/** A schema's form as part of a larger one: references moved to `home`, mappings closed, `${NAME}` allowed. */
const embed = (value: unknown, home: string): unknown => {
  if (!isNode(value)) return value
  const inner = (child: unknown): unknown => embed(child, home)
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    if (key === '$schema') return []
    if (key === '$ref' && typeof child === 'string') return [[key, child.replace(/^#/, home)]]
    if (key === 'properties' || key === 'definitions') return [[key, mapValues(child, inner)]]
    if (key === 'anyOf' || key === 'oneOf' || key === 'allOf') {
      return [[key, Array.isArray(child) ? child.map(inner) : child]]
    }
    if (key === 'items' || key === 'additionalProperties') return [[key, inner(child)]]
    return [[key, child]]
  })
  return orReference(closed(Object.fromEntries(entries)))
}

const embedded = (node: JsonNode, home: string): JsonNode => {
  const result = embed(node, home)
  return isNode(result) ? result : {}
}

const optionsOf = (plugin: Plugin): JsonNode => {
  const form = jsonForm(plugin.options, TARGET)
  const required = Array.isArray(form['required']) && form['required'].length > 0
  return {
    if: { properties: { uses: { const: plugin.name } }, required: ['uses'] },
    // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
    then: {
      properties: { with: { $ref: `#/definitions/${plugin.name}` } },
      ...(required && { required: ['with'] }),
    },
  }
}

const sourceHome = (provider: string): string => `source-${provider}`

/** A source of the provider's own name needs no `uses`, any other does. */
const sourcesOf = (frame: JsonNode, sources: Sources): JsonNode => {
  const written = propertiesOf(frame)['sources']
  const providers = Object.keys(sources)
  const references = providers.map((provider) => [
    provider,
    { $ref: `#/definitions/${sourceHome(provider)}` },
  ])
  return {
    ...(isNode(written) ? written : {}),
    propertyNames: { pattern: NAME.source },
    properties: Object.fromEntries(references),
    additionalProperties: {
      required: ['uses'],
      properties: { uses: { enum: providers } },
      allOf: providers.map((provider) => ({
        if: { properties: { uses: { const: provider } }, required: ['uses'] },
        // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's keyword
        then: { $ref: `#/definitions/${sourceHome(provider)}` },
      })),
    },
  }
}

/** The options of the sources, by provider. */
export type Sources = Readonly<Record<string, Schema>>

/** JSON Schema (draft-07) of the whole file, by which an editor completes and checks it. */
export const configurationSchema = (plugins: readonly Plugin[], sources: Sources): JsonNode => {
  const frame = embedded(jsonForm(frameSchema, TARGET), '#')
  const connector = embedded(jsonForm(connectorSchema, TARGET), '#/definitions/connector')
  const { uses } = propertiesOf(connector)
  const connectors = propertiesOf(frame)['connectors']
  const names = plugins.map(({ name }) => name)
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'onsignup.yaml',
    ...frame,
    properties: {
      ...propertiesOf(frame),
      sources: sourcesOf(frame, sources),
      connectors: {
        ...(isNode(connectors) ? connectors : {}),
        propertyNames: { pattern: NAME.source },
        additionalProperties: { $ref: '#/definitions/connector' },
      },
    },
    definitions: {
      connector: {
        ...connector,
        properties: {
          ...propertiesOf(connector),
          uses: {
            ...(isNode(uses) ? only(uses, (key) => key === 'description') : {}),
            anyOf: [{ enum: names }, { type: 'string' }],
          },
        },
        allOf: plugins.map(optionsOf),
      },
      ...Object.fromEntries(
        plugins.map((plugin) => [
          plugin.name,
          embedded(jsonForm(plugin.options, TARGET), `#/definitions/${plugin.name}`),
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(sources).map(([provider, options]) => [
          sourceHome(provider),
          embedded(sourceForm(options, TARGET), `#/definitions/${sourceHome(provider)}`),
        ]),
      ),
    },
  }
}
