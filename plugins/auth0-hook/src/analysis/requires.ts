import type { CallExpression, ImportExpression } from 'acorn'
import { parseRequest } from '../modules/request.ts'
import type { ScriptRequire } from '../analysis.ts'
import { textOf, namesOf, pathOf } from './paths.ts'
import { isFunction, lineOf, type Place } from './places.ts'
import type { Scope } from './scopes.ts'

/** `try { x = require('x') } catch {}`, and nothing else in it: the script goes on without. */
const isTried = (place: Place): boolean => {
  for (let below = place; below.parent !== null; below = below.parent) {
    const { node } = below.parent
    if (isFunction(node)) return false
    if (node.type === 'TryStatement') {
      return node.handler != null && node.block === below.node && node.block.body.length === 1
    }
  }
  return false
}

const isRequire = ({ callee }: CallExpression, from: Scope): boolean => {
  if (callee.type !== 'Identifier' && callee.type !== 'MemberExpression') return false
  const names = namesOf(pathOf(callee, from) ?? [])
  return names.join('.') === 'require' || names.join('.') === 'module.require'
}

/** What a call asks for, if it is one of `require` or `import()`. */
export const requiredBy = (
  place: Place<CallExpression | ImportExpression>,
  source: string,
): ScriptRequire | undefined => {
  const { node, scope } = place
  if (node.type === 'CallExpression' && !isRequire(node, scope)) return undefined
  const argument = node.type === 'ImportExpression' ? node.source : node.arguments[0]
  if (argument === undefined) return undefined
  const common = {
    line: lineOf(node),
    column: (node.loc?.start.column ?? 0) + 1,
    ...(node.type === 'ImportExpression' && { imported: true as const }),
    ...(isTried(place) && { optional: true as const }),
  }
  const request = textOf(argument)
  if (request === undefined) {
    const expression = source.slice(argument.start, Math.min(argument.end, argument.start + 80))
    return { ...common, request: expression, name: '', builtin: false, dynamic: true }
  }
  const read = parseRequest(request)
  return {
    ...common,
    request,
    name: read.name,
    ...(read.kind === 'package' && read.version !== undefined && { version: read.version }),
    ...(read.kind === 'package' && read.subpath !== undefined && { subpath: read.subpath }),
    builtin: read.kind === 'builtin',
    ...(read.kind === 'file' && { file: true as const }),
  }
}
