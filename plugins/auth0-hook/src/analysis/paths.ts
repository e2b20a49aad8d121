import type { AnyNode, Expression, Pattern, PrivateIdentifier, Super } from 'acorn'
import { standsFor, type Scope, type Step } from './scopes.ts'

/** The text of a literal, or of a template without holes; undefined for what only the run knows. */
export const textOf = (node: AnyNode): string | undefined => {
  if (node.type === 'Literal') {
    return typeof node.value === 'string' || typeof node.value === 'number' ? String(node.value) : undefined
  }
  if (node.type !== 'TemplateLiteral' || node.quasis.length !== 1) return undefined
  return node.quasis[0]?.value.cooked ?? undefined
}

const keyOf = (key: Expression | PrivateIdentifier, computed: boolean): string | null =>
  !computed && key.type === 'Identifier' ? key.name : (textOf(key) ?? null)

/** A member chain from what its root stands for, as `context.webtask.secrets.X`; undefined for another expression. */
export const pathOf = (node: Expression | Super | Pattern, from: Scope): readonly Step[] | undefined => {
  if (node.type === 'Identifier') return standsFor(node.name, from)
  if (node.type === 'ChainExpression') return pathOf(node.expression, from)
  // `(event || {}).secrets` and `user.name || user.email` are read for their left side.
  if (node.type === 'LogicalExpression' && node.operator !== '&&') return pathOf(node.left, from)
  if (node.type !== 'MemberExpression') return undefined
  const object = pathOf(node.object, from)
  // What has a default beside it, as `(event.client || {}).name`, is as harmless as `?.`.
  const optional = node.optional || node.object.type === 'LogicalExpression'
  return object && [...object, { name: keyOf(node.property, node.computed), optional }]
}

/** Calls `bind` with each name that a pattern takes out of a path, and `read` with each path that it reads. */
export const destructure = (
  pattern: Pattern,
  path: readonly Step[],
  bind: (name: string, path: readonly Step[]) => void,
  read: (path: readonly Step[], node: AnyNode) => void,
): void => {
  if (pattern.type === 'Identifier') bind(pattern.name, path)
  else if (pattern.type === 'AssignmentPattern') destructure(pattern.left, path, bind, read)
  else if (pattern.type === 'ObjectPattern') {
    for (const property of pattern.properties) {
      if (property.type !== 'Property') continue
      const inner = [...path, { name: keyOf(property.key, property.computed), optional: false }]
      if (property.value.type !== 'ObjectPattern') read(inner, property)
      destructure(property.value, inner, bind, read)
    }
  }
}

export const namesOf = (path: readonly Step[]): (string | null)[] => path.map(({ name }) => name)
