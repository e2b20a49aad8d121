import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import type { Mistake, Path, Position } from './finding.ts'
import { expand, type Environment } from './references.ts'
import { syntaxMistake } from './syntax.ts'
import type { Entry, ScalarTree, Tree } from './tree.ts'

// A few kilobytes of nested aliases can stand for gigabytes.
const MOST_VALUES = 20_000

/** What a file says, and what was wrong with how it says it; no tree when it is not YAML. */
export interface Reading {
  readonly tree: Tree | undefined
  readonly mistakes: readonly Mistake[]
}

/** Parses YAML and replaces the references in its scalars. */
export const readYaml = (source: string, environment: Environment): Reading => {
  const lines = new LineCounter()
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false,
  })
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const error = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0]
  if (error !== undefined) {
    const at = place(startOf(error, document))
    const line = source.split(/\r?\n/)[at.line - 1] ?? ''
    return { tree: undefined, mistakes: [syntaxMistake(error, at, line)] }
  }
  if (document.contents === null) {
    const mend = 'write a connector; onsignup.yaml of @onsignup/config is an example to copy'
    return { tree: undefined, mistakes: [{ at: place(0), path: [], message: 'the file is empty', mend }] }
  }
  return new Reader(document, environment, place).read(document.contents)
}

/** An unclosed quote is noticed at the end of the file, but it is mended where it opens. */
const startOf = (error: YAMLParseError, document: Document): number => {
  let start = error.pos[0]
  if (error.code !== 'MISSING_CHAR') return start
  visit(document, {
    Scalar(_, node) {
      const [from, to] = node.range ?? [start, start]
      if (node.type?.startsWith('QUOTE') && from < start && to >= start) start = from
    },
  })
  return start
}

type Problem = Pick<Mistake, 'message' | 'mend'>

class Reader {
  readonly #document: Document
  readonly #environment: Environment
  readonly #place: (offset: number) => Position
  readonly #mistakes: Mistake[] = []
  readonly #open = new Set<Node>()
  #values = 0

  constructor(document: Document, environment: Environment, place: (offset: number) => Position) {
    this.#document = document
    this.#environment = environment
    this.#place = place
  }

  read(contents: Node): Reading {
    const tree = this.#tree(contents, [], { line: 1, column: 1 })
    if (this.#values <= MOST_VALUES) return { tree, mistakes: this.#mistakes }
    const message = `its aliases make more than ${MOST_VALUES} values of it`
    return { tree: undefined, mistakes: [{ at: tree.at, path: [], message, mend: 'use fewer aliases' }] }
  }

  #refuse(at: Position, path: Path, { message, mend }: Problem): ScalarTree {
    this.#mistakes.push({ at, path, message, mend })
    return { kind: 'scalar', at, value: null, variables: [], broken: true }
  }

  #tree(node: unknown, path: Path, fallback: Position): Tree {
    this.#values += 1
    const empty: ScalarTree = { kind: 'scalar', at: fallback, value: null, variables: [], broken: false }
    if (this.#values > MOST_VALUES) return empty
    if (isAlias(node)) return this.#alias(node, path, this.#at(node, fallback))
    if (isScalar(node)) return this.#scalar(node, path, this.#at(node, fallback))
    if (!isMap(node) && !isSeq(node)) return empty
    this.#open.add(node)
    const at = this.#at(node, fallback)
    const tree: Tree = isMap(node)
      ? this.#mapping(node, path, at)
      : { kind: 'list', at, items: node.items.map((item, index) => this.#tree(item, [...path, index], at)) }
    this.#open.delete(node)
    return tree
  }

  #at(node: Node, fallback: Position): Position {
    return node.range ? this.#place(node.range[0]) : fallback
  }

  #alias(node: Node, path: Path, at: Position): Tree {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined
    const name = isAlias(node) ? node.source : ''
    if (target === undefined) {
      const mend = `write &${name} before the value that it stands for, or put the text in quotes`
      return this.#refuse(at, path, { message: `there is no anchor &${name} above`, mend })
    }
    if (this.#open.has(target)) {
      return this.#refuse(at, path, { message: `*${name} contains itself`, mend: 'write the value out' })
    }
    return this.#tree(target, path, at)
  }

  #mapping(node: YAMLMap, path: Path, at: Position): Tree {
    const entries = new Map<string, Entry>()
    const merged: Entry['tree'][] = []
    for (const pair of node.items) {
      const { key, keyAt } = this.#key(pair, at)
      const keyPath = [...path, key]
      const tree = this.#tree(pair.value, keyPath, keyAt)
      if (key === '<<' && tree.kind !== 'scalar') merged.push(tree)
      else if (entries.has(key)) {
        this.#refuse(keyAt, keyPath, { message: `${key} is written twice`, mend: 'keep one of the two' })
      } else entries.set(key, { keyAt, tree })
    }
    for (const [key, entry] of merged.flatMap(mergeable)) if (!entries.has(key)) entries.set(key, entry)
    return { kind: 'mapping', at, entries }
  }

  #key({ key }: Pair, fallback: Position): { key: string; keyAt: Position } {
    return isScalar(key)
      ? { key: String(key.value), keyAt: this.#at(key, fallback) }
      : { key: '', keyAt: fallback }
  }

  #scalar(node: Node, path: Path, at: Position): ScalarTree {
    const value: unknown = isScalar(node) ? node.value : null
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) {
      const mend = 'remove it; a value from the environment is written ${NAME}'
      return this.#refuse(at, path, { message: `the tag ${node.tag} means nothing here`, mend })
    }
    if (typeof value === 'string') {
      const { text, variables, problems } = expand(value, this.#environment)
      for (const problem of problems) this.#refuse(at, path, problem)
      const broken = problems.length > 0
      // What it would have been is unknown: as written, it at least is there.
      return { kind: 'scalar', at, value: broken ? value : text, variables, broken }
    }
    const known = typeof value === 'number' || typeof value === 'boolean' ? value : null
    return { kind: 'scalar', at, value: known, variables: [], broken: false }
  }
}

const mergeable = (tree: Tree): readonly [string, Entry][] => {
  if (tree.kind === 'mapping') return [...tree.entries]
  return tree.kind === 'list' ? tree.items.flatMap(mergeable) : []
}
