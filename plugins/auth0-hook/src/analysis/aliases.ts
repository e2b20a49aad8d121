import type { AnyNode, Expression, Pattern, SpreadElement } from 'acorn'
import type { Exported } from './exported.ts'
import { destructure, namesOf, pathOf } from './paths.ts'
import { isFunction, isPlaceOf, type FunctionNode, type Place } from './places.ts'
import { declaring, type Scope, type Step } from './scopes.ts'

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
  places: readonly Place[],
  { kind, handler }: Exported,
): ReadonlyMap<AnyNode, readonly Step[]> => {
  const taken = new Map<AnyNode, readonly Step[]>()
  const take = (path: readonly Step[], place: AnyNode) => void taken.set(place, path)
  const top = places[0]?.scope
  const bound = new Set<Scope['aliases']>()
  let isNew = true
  const bind = (target: Scope) => (name: string, path: readonly Step[]) => {
    const aliases = (declaring(name, target) ?? top)?.aliases
    if (aliases === undefined) return
    const before = aliases.get(name)
    if (before === null || (before && namesOf(before).join('.') === namesOf(path).join('.'))) return
    aliases.set(name, before === undefined ? path : null)
    bound.add(aliases)
    isNew = true
  }

  const functions = new Map<AnyNode, { readonly node: FunctionNode; readonly scope: Scope }>()
  const bindings: Binding[] = []
  const reassigned: { readonly name: string; readonly value: Expression; readonly from: Scope }[] = []
  for (const place of places) {
    if (isFunction(place.node)) functions.set(place.node, { node: place.node, scope: place.scope })
  }
  for (const place of places) {
    const from = place.scope
    if (isPlaceOf(place, 'VariableDeclarator') && place.node.init) {
      bindings.push({ pattern: place.node.id, target: from, value: place.node.init, from })
    } else if (isPlaceOf(place, 'AssignmentExpression') && place.node.left.type !== 'MemberExpression') {
      const { left, right } = place.node
      bindings.push({ pattern: left, target: from, value: right, from })
      if (left.type === 'Identifier') reassigned.push({ name: left.name, value: right, from })
    } else if (isPlaceOf(place, 'CallExpression') && place.node.callee.type === 'Identifier') {
      const { name } = place.node.callee
      const called = declaring(name, from)?.names.get(name) ?? null
      const scope = called === null ? undefined : functions.get(called)?.scope
      if (called === null || !isFunction(called) || scope === undefined) continue
      for (const [index, pattern] of called.params.entries()) {
        const value = place.node.arguments[index]
        if (value) bindings.push({ pattern, target: scope, value, from })
      }
    }
  }

  const bindArguments = () => {
    for (const [name, roots] of Object.entries(ARGUMENTS)) {
      if (name !== kind && kind !== 'neither') continue
      // Of a bundle's function only its arguments' names tell that it is the one.
      for (const { node, scope } of functions.values()) {
        if (handler === undefined ? !startsWith(node, roots) : node !== handler) continue
        for (const [index, argument] of roots.entries()) {
          const param = node.params[index]
          if (param) destructure(param, root(argument), bind(scope), take)
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
        const path = pathOf(value, from)
        if (path !== undefined) destructure(pattern, path, bind(target), take)
      }
    }
  }

  bindAll()
  // Only now it can be told which assignments give a name another meaning; then all is done again without those.
  const others = reassigned.flatMap(({ name, value, from }) => {
    const scope = declaring(name, from)
    const isOther = scope?.names.get(name) !== value && pathOf(value, from) === undefined
    return scope !== null && isOther && scope.aliases.has(name) ? [{ name, aliases: scope.aliases }] : []
  })
  if (others.length === 0) return taken
  for (const aliases of bound) aliases.clear()
  for (const { name, aliases } of others) aliases.set(name, null)
  taken.clear()
  isNew = true
  bindAll()
  return taken
}
