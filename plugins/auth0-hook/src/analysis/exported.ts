import type { AnyNode, CallExpression, Expression } from 'acorn'
import { namesOf, pathOf, textOf } from './paths.ts'
import { isFunction, isPlaceOf, type FunctionNode, type Place } from './places.ts'
import { declaring, type Scope } from './scopes.ts'

/** What a script is by what it exports. */
export type ScriptKind = 'hook' | 'action' | 'neither'

/** Something that a script exports: what it makes of the script, and the function if it is in sight. */
export interface Exported {
  readonly kind: ScriptKind
  readonly handler?: FunctionNode
}

const ACTION = 'onExecutePostUserRegistration'

/** The expression that a name was declared with, through any number of names. */
const declared = (node: AnyNode, from: Scope): AnyNode | null => {
  let found: AnyNode | null = node
  for (let step = 0; step < 10 && found?.type === 'Identifier'; step += 1) {
    found = declaring(found.name, from)?.names.get(found.name) ?? null
  }
  return found
}

const withHandler = (kind: ScriptKind, value: AnyNode | null): Exported =>
  value !== null && isFunction(value) ? { kind, handler: value } : { kind }

const ofObject = (value: AnyNode, from: Scope): Exported => {
  if (value.type !== 'ObjectExpression') return { kind: 'neither' }
  for (const property of value.properties) {
    if (property.type !== 'Property' || property.computed) continue
    const name = property.key.type === 'Identifier' ? property.key.name : textOf(property.key)
    if (name === ACTION) return withHandler('action', declared(property.value, from))
  }
  return { kind: 'neither' }
}

const NEVER_CALLED = new Set([
  'Literal',
  'TemplateLiteral',
  'ArrayExpression',
  'ClassExpression',
  'ObjectExpression',
])

const isModuleExports = (names: readonly (string | null)[]): boolean =>
  names.length === 2 && names[0] === 'module' && names[1] === 'exports'

/** What an assignment exports, or undefined if it exports nothing. */
const exportedBy = (left: AnyNode, right: Expression, from: Scope, source: string): Exported | undefined => {
  if (left.type !== 'MemberExpression') return undefined
  const names = namesOf(pathOf(left, from) ?? [])
  const value = right.type === 'AssignmentExpression' ? right.right : right
  if (
    names.at(-1) === ACTION &&
    (isModuleExports(names.slice(0, -1)) || (names[0] === 'exports' && names.length === 2))
  ) {
    // TypeScript declares its exports with `exports.x = void 0` first.
    return withHandler('action', declared(value, from))
  }
  if (!isModuleExports(names)) return undefined
  const found = declared(value, from)
  if (found !== null && isFunction(found)) return { kind: 'hook', handler: found }
  if (found !== null && NEVER_CALLED.has(found.type)) return ofObject(found, from)
  // A bundler's call: what comes out of it, only the run knows.
  return { kind: source.includes(ACTION) ? 'action' : 'hook' }
}

/** `Object.defineProperty(exports, 'onExecutePostUserRegistration', …)`, as compilers write it. */
const isActionDefined = ({ callee, arguments: args }: CallExpression): boolean =>
  callee.type === 'MemberExpression' &&
  callee.property.type === 'Identifier' &&
  callee.property.name === 'defineProperty' &&
  args[1] !== undefined &&
  textOf(args[1]) === ACTION

/** `x.onExecutePostUserRegistration = …`, whatever `x` is. */
const addedBy = (left: AnyNode, right: Expression, from: Scope): Exported | undefined =>
  left.type === 'MemberExpression' &&
  !left.computed &&
  left.property.type === 'Identifier' &&
  left.property.name === ACTION
    ? withHandler('action', declared(right, from))
    : undefined

/** What all exports together make of the script: an Action by its name, else the last one. */
const together = (exported: readonly Exported[]): Exported => {
  const actions = exported.filter(({ kind }) => kind === 'action')
  return (
    actions.find(({ handler }) => handler !== undefined) ??
    actions[0] ??
    exported.at(-1) ?? { kind: 'neither' }
  )
}

/** What a script exports. */
export const exportsOf = (places: readonly Place[], source: string): Exported => {
  const exported: Exported[] = []
  let added: Exported | undefined
  for (const place of places) {
    if (isPlaceOf(place, 'CallExpression') && isActionDefined(place.node)) exported.push({ kind: 'action' })
    if (!isPlaceOf(place, 'AssignmentExpression') || place.node.operator !== '=') continue
    const { left, right } = place.node
    const found = exportedBy(left, right, place.scope, source)
    if (found !== undefined) exported.push(found)
    added ??= addedBy(left, right, place.scope)
  }
  const all = together(exported)
  // webpack, and people too, fill an object and export it by its name.
  return all.kind === 'neither' && exported.length > 0 ? (added ?? all) : all
}
