import type {
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
  Program,
} from 'acorn'
import { base } from 'acorn-walk'
import type { Scope } from './scopes.ts'

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression

export const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression'

/** A node with what is around it. */
export interface Place<Node extends AnyNode = AnyNode> {
  readonly node: Node
  readonly parent: Place | null
  /** The innermost; of a function, its own. */
  readonly scope: Scope
  /** Whether it is what a value is written to, as the left side of `=`. */
  isPattern: boolean
}

export const isPlaceOf = <Type extends AnyNode['type']>(
  place: Place,
  ...types: readonly Type[]
): place is Place<Extract<AnyNode, { type: Type }>> => types.some((type) => place.node.type === type)

/** The line of a node, from 1. */
export const lineOf = ({ loc }: AnyNode): number => loc?.start.line ?? 1

/** All nodes of a script in one walk, outer ones first: a bundle has half a million, and several look at them. */
export const placesOf = (program: Program): readonly Place[] => {
  const places: Place[] = []
  const visit = (node: AnyNode, parent: Place | null, as: string = node.type): void => {
    let place = parent
    // A walk comes to one node several times: as an expression, as a pattern, as what it is.
    if (place?.node !== node) {
      const isOuter = node.type === 'Program' || isFunction(node)
      const around = parent?.scope ?? null
      const scope =
        isOuter || around === null ? { parent: around, names: new Map(), aliases: new Map() } : around
      place = { node, parent, scope, isPattern: false }
      places.push(place)
    }
    if (as === 'VariablePattern' || as === 'MemberPattern') place.isPattern = true
    const walker: unknown = Reflect.get(base, as)
    if (typeof walker === 'function') Reflect.apply(walker, base, [node, place, visit])
  }
  visit(program, null)
  return places
}
