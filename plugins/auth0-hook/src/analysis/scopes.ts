import type { Expression, Pattern } from 'acorn'
import { isFunction, isPlaceOf, type FunctionNode, type Place } from './places.ts'

/** One step of a member chain; the name is null where only the run knows it. */
export interface Step {
  readonly name: string | null
  readonly optional: boolean
}

/** The names of a function or of the whole script. Blocks are taken with the function around them. */
export interface Scope {
  readonly parent: Scope | null
  /** A declared name, with what it is declared as where that is simple. */
  readonly names: Map<string, Expression | FunctionNode | null>
  /** What a name stands for, as `s` for `context.webtask.secrets`; null: for several things, or something else. */
  readonly aliases: Map<string, readonly Step[] | null>
}

// A script may assign `exports` and still mean the module's.
const OF_THE_MODULE = new Set(['module', 'exports', 'require'])

/** Calls `add` with each name that a pattern binds. */
const eachName = (pattern: Pattern, add: (name: string) => void): void => {
  if (pattern.type === 'Identifier') add(pattern.name)
  else if (pattern.type === 'AssignmentPattern') eachName(pattern.left, add)
  else if (pattern.type === 'RestElement') eachName(pattern.argument, add)
  else if (pattern.type === 'ArrayPattern') {
    for (const element of pattern.elements) if (element !== null) eachName(element, add)
  } else if (pattern.type === 'ObjectPattern') {
    for (const property of pattern.properties) {
      eachName(property.type === 'Property' ? property.value : property.argument, add)
    }
  }
}

/** The scope that declares a name, or null: it is a global. */
export const declaring = (name: string, from: Scope): Scope | null => {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    if (scope.names.has(name)) return scope
  }
  return null
}

const declareFunction = (node: FunctionNode, { scope, parent }: Place): void => {
  for (const param of node.params) eachName(param, (name) => scope.names.set(name, null))
  if (node.type !== 'ArrowFunctionExpression') scope.names.set('arguments', null)
  if (node.type === 'FunctionDeclaration') parent?.scope.names.set(node.id.name, node)
  else if (node.type === 'FunctionExpression' && node.id) scope.names.set(node.id.name, node)
}

/** Notes in the scopes which names are declared there. */
export const declareNames = (places: readonly Place[]): void => {
  for (const place of places) {
    const { names } = place.scope
    if (isFunction(place.node)) declareFunction(place.node, place)
    else if (isPlaceOf(place, 'VariableDeclarator')) {
      const init = place.node.id.type === 'Identifier' ? (place.node.init ?? null) : null
      eachName(place.node.id, (name) => names.set(name, init ?? names.get(name) ?? null))
    } else if (isPlaceOf(place, 'ClassDeclaration') && place.node.id) names.set(place.node.id.name, null)
    else if (isPlaceOf(place, 'CatchClause') && place.node.param) {
      eachName(place.node.param, (name) => names.set(name, null))
    }
  }
  // Auth0 ran scripts sloppily, and public ones assign names that nothing declares.
  const top = places[0]?.scope
  for (const place of places) {
    if (!isPlaceOf(place, 'AssignmentExpression') || place.node.left.type !== 'Identifier') continue
    const { name } = place.node.left
    if (!OF_THE_MODULE.has(name) && declaring(name, place.scope) === null)
      top?.names.set(name, place.node.right)
  }
}

/** What a name stands for: its alias, or itself if nothing declares it. Undefined: something else. */
export const standsFor = (name: string, from: Scope): readonly Step[] | undefined => {
  const scope = declaring(name, from)
  return scope === null ? [{ name, optional: false }] : (scope.aliases.get(name) ?? undefined)
}
