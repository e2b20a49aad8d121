import type {
  AnyNode,
  ArrowFunctionExpression,
  Expression,
  FunctionDeclaration,
  FunctionExpression,
  Pattern,
  Program,
} from 'acorn'
import { fullAncestor } from 'acorn-walk'

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

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression

export const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression'

/** Calls `add` with each name that a pattern binds. */
export const eachName = (pattern: Pattern, add: (name: string) => void): void => {
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

/** The scopes of a script, and where a name belongs. */
export class Scopes {
  readonly top: Scope = { parent: null, names: new Map(), aliases: new Map() }
  readonly #of = new Map<AnyNode, Scope>()

  constructor(program: Program) {
    this.#of.set(program, this.top)
    // Functions first: a walk calls back from the inside out, and what is inside needs its scope.
    const functions: { readonly node: FunctionNode; readonly around: readonly AnyNode[] }[] = []
    fullAncestor(program, (node, _state, ancestors) => {
      if (isFunction(node)) functions.push({ node, around: ancestors.slice(0, -1) })
    })
    for (const { node, around } of functions.toReversed()) {
      const parent = this.around(around)
      const names: Scope['names'] = new Map()
      for (const param of node.params) eachName(param, (name) => names.set(name, null))
      if (node.type !== 'ArrowFunctionExpression') names.set('arguments', null)
      if (node.type === 'FunctionDeclaration') parent.names.set(node.id.name, node)
      else if (node.type === 'FunctionExpression' && node.id) names.set(node.id.name, node)
      this.#of.set(node, { parent, names, aliases: new Map() })
    }
    fullAncestor(program, (node, _state, ancestors) => {
      const { names } = this.around(ancestors)
      if (node.type === 'VariableDeclarator') {
        const init = node.id.type === 'Identifier' ? (node.init ?? null) : null
        eachName(node.id, (name) => names.set(name, init ?? names.get(name) ?? null))
      } else if (node.type === 'ClassDeclaration' && node.id) names.set(node.id.name, null)
      else if (node.type === 'CatchClause' && node.param)
        eachName(node.param, (name) => names.set(name, null))
    })
    // Auth0 ran scripts sloppily, and public ones assign names that nothing declares.
    fullAncestor(program, (node, _state, ancestors) => {
      if (node.type !== 'AssignmentExpression' || node.left.type !== 'Identifier') return
      const { name } = node.left
      if (OF_THE_MODULE.has(name) || this.declaring(name, this.around(ancestors)) !== null) return
      this.top.names.set(name, node.right)
    })
  }

  of(node: FunctionNode): Scope {
    return this.#of.get(node) ?? this.top
  }

  /** The innermost scope of a way from the script down to a node. */
  around(ancestors: readonly AnyNode[]): Scope {
    for (let index = ancestors.length - 1; index >= 0; index -= 1) {
      const node = ancestors[index]
      const scope = node && this.#of.get(node)
      if (scope !== undefined) return scope
    }
    return this.top
  }

  /** The scope that declares a name, or null: it is a global. */
  declaring(name: string, from: Scope): Scope | null {
    for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
      if (scope.names.has(name)) return scope
    }
    return null
  }

  /** What a name stands for: its alias, or itself if nothing declares it. Undefined: something else. */
  standsFor(name: string, from: Scope): readonly Step[] | undefined {
    const declaring = this.declaring(name, from)
    return declaring === null ? [{ name, optional: false }] : (declaring.aliases.get(name) ?? undefined)
  }
}
