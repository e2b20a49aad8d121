import type { Path, Position } from './finding.ts'
import type { Variable } from './references.ts'

/** A single value, its references replaced. */
export interface ScalarTree {
  readonly kind: 'scalar'
  readonly at: Position
  readonly value: string | number | boolean | null
  readonly variables: readonly Variable[]
  /** True when a mistake in it was already reported, so that what its value leads to is none. */
  readonly broken: boolean
}

export interface Entry {
  readonly keyAt: Position
  readonly tree: Tree
}

export interface MappingTree {
  readonly kind: 'mapping'
  readonly at: Position
  readonly entries: ReadonlyMap<string, Entry>
}

export interface ListTree {
  readonly kind: 'list'
  readonly at: Position
  readonly items: readonly Tree[]
}

/** What a YAML file says, with the place of everything. */
export type Tree = ScalarTree | MappingTree | ListTree

/** What is at a path, or nothing and the place of the nearest key that is there. */
export interface Located {
  readonly tree: Tree | undefined
  readonly at: Position
}

const entryOf = (tree: Tree, step: string | number): Partial<Entry> => {
  if (tree.kind === 'mapping') return tree.entries.get(String(step)) ?? {}
  const item = tree.kind === 'list' ? tree.items[Number(step)] : undefined
  return item === undefined ? {} : { keyAt: item.at, tree: item }
}

const isWritten = (tree: Tree): boolean => tree.kind === 'scalar' && tree.value !== null

/** Finds a path; a mapping, a list and an empty value are pointed at by their key. */
export const locate = (root: Tree, path: Path): Located => {
  let tree = root
  let at: Position = { line: 1, column: 1 }
  for (const step of path) {
    const entry = entryOf(tree, step)
    if (entry.tree === undefined || entry.keyAt === undefined) return { tree: undefined, at }
    at = entry.keyAt
    tree = entry.tree
  }
  return { tree, at: isWritten(tree) ? tree.at : at }
}
