import { conditionProblems, templateProblems } from '@onsignup/core/engine'
import type { Form } from './check.ts'
import type { Mistake, Path } from './finding.ts'
import { childOf, hasMark, type JsonNode, type Shape } from './json-schema.ts'
import type { ScalarTree, Tree } from './tree.ts'

interface Marked {
  readonly tree: ScalarTree
  readonly path: Path
}

const find = (
  mark: 'template' | 'writeOnly',
  tree: Tree,
  shape: Shape,
  root: JsonNode,
  path: Path,
): readonly Marked[] => {
  if (tree.kind === 'scalar') return hasMark(shape, mark) ? [{ tree, path }] : []
  const children =
    tree.kind === 'list'
      ? tree.items.map((child, index) => [index, child] as const)
      : [...tree.entries].map(([key, entry]) => [key, entry.tree] as const)
  return children.flatMap(([step, child]) =>
    find(mark, child, childOf(shape, step, root), root, [...path, step]),
  )
}

/** The values of options marked `writeOnly`, and of the variables that such a value was made of. */
export const secretsIn = (tree: Tree, { shape, root }: Form): readonly string[] =>
  find('writeOnly', tree, shape, root, []).flatMap(({ tree: { value, variables } }) => [
    ...(value === null || value === '' ? [] : [String(value)]),
    ...variables.map((variable) => variable.value).filter((text) => text !== ''),
  ])

const PROBLEM = /^(?<what>.*?)(?:; did you mean (?<meant>.+)\?|(?:[:;]) (?<mend>(?:write|what) .+))$/s

const mistakeOf = ({ tree, path }: Marked, problem: string, fallback: string): Mistake => {
  const { what = problem, meant, mend } = PROBLEM.exec(problem)?.groups ?? {}
  return {
    at: tree.at,
    path,
    message: what,
    mend: meant === undefined ? (mend ?? fallback) : `write ${meant}`,
  }
}

/** What is wrong with the templates in the options marked `template`. */
export const templateMistakes = (tree: Tree, { shape, root }: Form, path: Path): readonly Mistake[] =>
  find('template', tree, shape, root, path).flatMap((marked) => {
    const { value, broken } = marked.tree
    if (typeof value !== 'string' || broken) return []
    const mend = 'correct the template; it is Liquid, and its names are those of the registration event'
    return templateProblems(value).map((problem) => mistakeOf(marked, problem, mend))
  })

/** What is wrong with a connector's `if`. */
export const conditionMistakes = (tree: Tree | undefined, path: Path): readonly Mistake[] => {
  if (tree?.kind !== 'scalar' || tree.broken || typeof tree.value !== 'string') return []
  const mend = 'write a condition, as user.emailVerified == true'
  return conditionProblems(tree.value).map((problem) => mistakeOf({ tree, path }, problem, mend))
}
