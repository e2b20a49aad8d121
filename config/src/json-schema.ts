import type { Schema } from '@onsignup/core'

/** A node of a schema's JSON form. */
export type JsonNode = { readonly [keyword: string]: unknown }

/** All that a value may be: one node for each alternative; none means anything. */
export type Shape = readonly JsonNode[]

export const isNode = (value: unknown): value is JsonNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON form of what a schema takes in. */
export const jsonForm = (schema: Schema, target: 'draft-2020-12' | 'draft-07' = 'draft-2020-12'): JsonNode =>
  schema['~standard'].jsonSchema.input({ target })

const target = (reference: string, root: JsonNode): unknown =>
  reference
    .split('/')
    .slice(1)
    .reduce<unknown>((found, step) => (isNode(found) ? found[step] : undefined), root)

const alternatives = (node: JsonNode, root: JsonNode): readonly JsonNode[] => {
  const { $ref: reference, anyOf, oneOf, allOf, ...rest } = node
  if (typeof reference === 'string') {
    const named = target(reference, root)
    return isNode(named) ? alternatives({ ...named, ...rest }, root) : [rest]
  }
  const inner = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : [])).filter(isNode)
  return inner.length === 0 ? [rest] : inner.flatMap((one) => alternatives({ ...rest, ...one }, root))
}

/** The alternatives of a schema's node; `root` holds what its references name. */
export const shapeOf = (node: unknown, root: JsonNode): Shape =>
  isNode(node) ? alternatives(node, root) : []

const typesOfNode = (node: JsonNode): readonly string[] | undefined => {
  const { type } = node
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string')
  const values = 'const' in node ? [node['const']] : node['enum']
  return Array.isArray(values) ? values.map((value) => (value === null ? 'null' : typeof value)) : undefined
}

/** The JSON types that a value may have, or undefined when any. */
export const typesOf = (shape: Shape): readonly string[] | undefined => {
  const types = shape.map(typesOfNode)
  return types.length === 0 || types.includes(undefined)
    ? undefined
    : [...new Set(types.flatMap((one) => one ?? []))]
}

const objects = (shape: Shape): Shape => shape.filter((node) => typesOfNode(node)?.includes('object') ?? true)

/** The members that an object's node describes, by key. */
export const propertiesOf = (node: JsonNode): JsonNode =>
  isNode(node['properties']) ? node['properties'] : {}

const isOpen = (node: JsonNode): boolean => {
  const rest = node['additionalProperties']
  return rest === undefined ? node['properties'] === undefined : rest !== false
}

/** The keys that a mapping of this shape may have, or undefined when any. */
export const keysOf = (shape: Shape): readonly string[] | undefined => {
  const nodes = objects(shape)
  if (nodes.length === 0 || nodes.some(isOpen)) return undefined
  return [...new Set(nodes.flatMap((node) => Object.keys(propertiesOf(node))))]
}

// What is said about a whole option holds for all that is in it.
const inherited = (parent: JsonNode): JsonNode => ({
  ...(parent['template'] === true && { template: true }),
  ...(parent['writeOnly'] === true && { writeOnly: true }),
})

const childShape = (parent: JsonNode, child: unknown, root: JsonNode): Shape =>
  shapeOf({ ...(isNode(child) ? child : {}), ...inherited(parent) }, root)

/** The shape of what is under a key or at a place in a list; an alternative that cannot have it is left out. */
export const childOf = (shape: Shape, step: string | number, root: JsonNode): Shape => {
  if (typeof step === 'number') return shape.flatMap((node) => childShape(node, node['items'], root))
  return objects(shape).flatMap((node) => {
    const properties = propertiesOf(node)
    if (Object.hasOwn(properties, step)) return childShape(node, properties[step], root)
    return isOpen(node) ? childShape(node, node['additionalProperties'], root) : []
  })
}

/** Whether every mapping of this shape must have the key. */
export const isRequired = (shape: Shape, key: string | number): boolean =>
  shape.length > 0 && shape.every((node) => Array.isArray(node['required']) && node['required'].includes(key))

/** Whether the option, or one around it, carries a mark. */
export const hasMark = (shape: Shape, mark: 'template' | 'writeOnly'): boolean =>
  shape.some((node) => node[mark] === true)
