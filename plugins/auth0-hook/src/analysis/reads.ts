import type { AnyNode, Program } from 'acorn'
import { fullAncestor } from 'acorn-walk'
import { pathOf } from './paths.ts'
import type { Scopes, Step } from './scopes.ts'

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

const isAsked = (ancestors: readonly AnyNode[]): boolean =>
  ancestors.some((node, index) => {
    const below = ancestors[index + 1]
    if (below === undefined) return false
    if (node.type === 'IfStatement' || node.type === 'ConditionalExpression') return node.test === below
    if (node.type === 'LogicalExpression') return node.left === below
    return node.type === 'UnaryExpression' && (node.operator === '!' || node.operator === 'typeof')
  })

/** Everything that a script reads by a path whose root is an argument or a global; `taken` by patterns. */
export const readsOf = (
  program: Program,
  scopes: Scopes,
  taken: ReadonlyMap<AnyNode, readonly Step[]>,
): readonly Read[] => {
  const reads: Read[] = []
  for (const [{ loc }, path] of taken) {
    reads.push({ path, line: loc?.start.line ?? 1, called: false, written: false, asked: false })
  }
  fullAncestor(program, (node, _state, ancestors) => {
    if (node.type !== 'MemberExpression') return
    const parent = ancestors.at(-2)
    if (parent?.type === 'MemberExpression' && parent.object === node) return
    const path = pathOf(node, scopes.around(ancestors), scopes)
    if (path === undefined) return
    reads.push({
      path,
      line: node.loc?.start.line ?? 1,
      called: parent?.type === 'CallExpression' && parent.callee === node && !parent.optional,
      written:
        (parent?.type === 'AssignmentExpression' && parent.left === node) ||
        parent?.type === 'UpdateExpression' ||
        (parent?.type === 'UnaryExpression' && parent.operator === 'delete'),
      asked: isAsked(ancestors),
    })
  })
  return reads.toSorted((one, other) => one.line - other.line)
}
