import type { AnyNode } from 'acorn'
import { pathOf } from './paths.ts'
import { isPlaceOf, lineOf, type Place } from './places.ts'
import type { Step } from './scopes.ts'

/** One place that reads a path, as `event.user.name`. */
export interface Read {
  readonly path: readonly Step[]
  readonly line: number
  /** It is called there, and not with `?.`. */
  readonly called: boolean
  /** It is assigned there, or deleted. */
  readonly written: boolean
  /** It is asked there whether it is there: in an `if`, before `&&`, `||`, `??` or `?`, after `!` or `typeof`. */
  readonly asked: boolean
}

const isAsked = (place: Place): boolean => {
  for (let below = place; below.parent !== null; below = below.parent) {
    const { node } = below.parent
    if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') {
      if (node.test === below.node) return true
    } else if (node.type === 'LogicalExpression') {
      if (node.left === below.node) return true
    } else if (node.type === 'UnaryExpression' && (node.operator === '!' || node.operator === 'typeof')) {
      return true
    }
  }
  return false
}

/** Everything that a script reads by a path whose root is an argument or a global; `taken` by patterns. */
export const readsOf = (
  places: readonly Place[],
  taken: ReadonlyMap<AnyNode, readonly Step[]>,
): readonly Read[] => {
  const reads: Read[] = []
  for (const [node, path] of taken) {
    reads.push({ path, line: lineOf(node), called: false, written: false, asked: false })
  }
  for (const place of places) {
    if (!isPlaceOf(place, 'MemberExpression')) continue
    const { node, scope, isPattern } = place
    const parent = place.parent?.node
    if (parent?.type === 'MemberExpression' && parent.object === node) continue
    const path = pathOf(node, scope)
    if (path === undefined) continue
    reads.push({
      path,
      line: lineOf(node),
      called: parent?.type === 'CallExpression' && parent.callee === node && !parent.optional,
      written: isPattern || (parent?.type === 'UnaryExpression' && parent.operator === 'delete'),
      asked: isAsked(place),
    })
  }
  return reads.toSorted((one, other) => one.line - other.line)
}
