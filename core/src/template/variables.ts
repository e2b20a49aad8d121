import { z } from 'zod'
import { registrationEventSchema } from '../event/schema.ts'
import { nearest } from '../nearest.ts'

type Json = z.core.JSONSchema.JSONSchema | boolean | undefined

const schema: Json = z.toJSONSchema(registrationEventSchema)

/** What may follow a name: known names, anything at all, or nothing but Liquid's own properties. */
type Shape =
  | { readonly kind: 'names'; of: (name: string) => Shape | undefined; names: readonly string[] }
  | { readonly kind: 'open' }
  | { readonly kind: 'leaf' }

const shapeOf = (node: Json): Shape => {
  if (typeof node !== 'object') return { kind: 'leaf' }
  const variant = node.anyOf?.find((option) => typeof option === 'object' && option.type !== 'null')
  if (variant !== undefined) return shapeOf(variant)
  if (node.type === 'array') {
    const items = Array.isArray(node.items) ? undefined : node.items
    return { kind: 'names', names: ['first', 'last'], of: () => shapeOf(items) }
  }
  const { properties } = node
  if (properties !== undefined && Object.keys(properties).length > 0) {
    return {
      kind: 'names',
      names: Object.keys(properties),
      of: (name) => (Object.hasOwn(properties, name) ? shapeOf(properties[name]) : undefined),
    }
  }
  return node.type === 'object' && node.additionalProperties !== false ? { kind: 'open' } : { kind: 'leaf' }
}

const root = shapeOf(schema)

const allPaths = (shape: Shape, prefix: string): string[] =>
  shape.kind === 'names'
    ? shape.names.flatMap((name) => {
        const inner = shape.of(name)
        const path = prefix === '' ? name : `${prefix}.${name}`
        return inner === undefined || path.length > 60 ? [path] : [path, ...allPaths(inner, path)]
      })
    : []

const paths = allPaths(root, '')

const isArrayStep = (segment: unknown): boolean =>
  typeof segment === 'number' || segment === 'first' || segment === 'last'

const advice = (parent: readonly unknown[], segment: unknown, siblings: readonly string[]): string => {
  const name = String(segment)
  const sibling = nearest(name, siblings)
  const meant =
    sibling === undefined
      ? paths.find((path) => path.split('.').at(-1) === name)
      : [...parent, sibling].join('.')
  if (meant !== undefined) return `; did you mean ${meant}?`
  return parent[0] === 'user'
    ? '; what your application keeps about users is in user.user_metadata and user.app_metadata'
    : ''
}

/** Why no event has the variable, or undefined when it is one of the event schema's. */
export const variableProblem = (segments: readonly unknown[]): string | undefined => {
  let shape: Shape = root
  for (const [index, segment] of segments.entries()) {
    // A computed name, as user[x], is known at run time only.
    if (shape.kind === 'open' || typeof segment === 'object' || segment === 'size') return undefined
    const names: readonly string[] = shape.kind === 'names' ? shape.names : []
    const isList = names[0] === 'first'
    const next: Shape | undefined =
      shape.kind === 'names' && isList === isArrayStep(segment) ? shape.of(String(segment)) : undefined
    if (next === undefined) {
      return `no event has ${segments.map(String).join('.')}${advice(segments.slice(0, index), segment, names)}`
    }
    shape = next
  }
  return undefined
}
