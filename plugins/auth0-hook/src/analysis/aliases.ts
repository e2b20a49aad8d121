import type { AnyNode, Expression, Pattern, Program, SpreadElement } from 'acorn'
import { fullAncestor } from 'acorn-walk'
import type { Exported } from './exported.ts'
import { destructure, namesOf, pathOf } from './paths.ts'
import { isFunction, type FunctionNode, type Scope, type Scopes, type Step } from './scopes.ts'

/** A pattern that takes its names out of a value. */
interface Binding {
  readonly pattern: Pattern
  readonly target: Scope
  readonly value: Expression | SpreadElement
  readonly from: Scope
}

const root = (name: string): readonly Step[] => [{ name, optional: false }]

const ARGUMENTS = { hook: ['user', 'context'], action: ['event', 'api'] } as const

const startsWith = ({ params }: FunctionNode, names: readonly string[]): boolean =>
  params.length > 0 &&
  names.every((name, index) => {
    const param = params[index]
    return param === undefined ? index > 0 : param.type === 'Identifier' && param.name === name
  })

/**
 * Finds what each name of the script stands for, beginning with the arguments of what it exports.
 * Gives the paths that patterns read on the way, each with its place.
 */
export const nameAliases = (
  program: Program,
  scopes: Scopes,
  { kind, handler }: Exported,
): ReadonlyMap<AnyNode, readonly Step[]> => {
  const taken = new Map<AnyNode, readonly Step[]>()
  const take = (path: readonly Step[], place: AnyNode) => void taken.set(place, path)
  const bound = new Set<Scope['aliases']>()
  let isNew = true
  const bind = (target: Scope) => (name: string, path: readonly Step[]) => {
    const { aliases } = scopes.declaring(name, target) ?? scopes.top
    const before = aliases.get(name)
    if (before === null || (before && namesOf(before).join('.') === namesOf(path).join('.'))) return
    aliases.set(name, before === undefined ? path : null)
    bound.add(aliases)
    isNew = true
  }

  const functions: FunctionNode[] = []
  const bindings: Binding[] = []
  const reassigned: { readonly name: string; readonly value: Expression; readonly from: Scope }[] = []
  fullAncestor(program, (node, _state, ancestors) => {
    const from = scopes.around(ancestors)
    if (isFunction(node)) functions.push(node)
    else if (node.type === 'VariableDeclarator' && node.init) {
      bindings.push({ pattern: node.id, target: from, value: node.init, from })
    } else if (node.type === 'AssignmentExpression' && node.left.type !== 'MemberExpression') {
      bindings.push({ pattern: node.left, target: from, value: node.right, from })
      if (node.left.type === 'Identifier') reassigned.push({ name: node.left.name, value: node.right, from })
    } else if (node.type === 'CallExpression' && node.callee.type === 'Identifier') {
      const called = scopes.declaring(node.callee.name, from)?.names.get(node.callee.name) ?? null
      if (called === null || !isFunction(called)) return
      for (const [index, pattern] of called.params.entries()) {
        const value = node.arguments[index]
        if (value) bindings.push({ pattern, target: scopes.of(called), value, from })
      }
    }
  })

  const bindArguments = () => {
    for (const [name, roots] of Object.entries(ARGUMENTS)) {
      if (name !== kind && kind !== 'neither') continue
      // Of a bundle's function only its arguments' names tell that it is the one.
      const handlers = handler ? [handler] : functions.filter((candidate) => startsWith(candidate, roots))
      for (const called of handlers) {
        for (const [index, argument] of roots.entries()) {
          const param = called.params[index]
          if (param) destructure(param, root(argument), bind(scopes.of(called)), take)
        }
      }
    }
  }
  const bindAll = () => {
    bindArguments()
    // A name may stand for another that is only known a round later; ten names deep is more than people write.
    for (let round = 0; isNew && round < 10; round += 1) {
      isNew = false
      for (const { pattern, target, value, from } of bindings) {
        if (value.type === 'SpreadElement') continue
        const path = pathOf(value, from, scopes)
        if (path !== undefined) destructure(pattern, path, bind(target), take)
      }
    }
  }

  bindAll()
  // Only now it can be told which assignments give a name another meaning; then all is done again without those.
  const others = reassigned.flatMap(({ name, value, from }) => {
    const declaring = scopes.declaring(name, from)
    const isOther = declaring?.names.get(name) !== value && pathOf(value, from, scopes) === undefined
    return declaring !== null && isOther && declaring.aliases.has(name)
      ? [{ name, aliases: declaring.aliases }]
      : []
  })
  if (others.length === 0) return taken
  for (const aliases of bound) aliases.clear()
  for (const { name, aliases } of others) aliases.set(name, null)
  taken.clear()
  isNew = true
  bindAll()
  return taken
}
