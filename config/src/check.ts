import type { Schema } from '@onsignup/core'
import type { Mistake, Path } from './finding.ts'
import { fit } from './fit.ts'
import { describeRefusal } from './issue.ts'
import { childOf, isRequired, jsonForm, shapeOf, type JsonNode, type Shape } from './json-schema.ts'
import { locate, type Tree } from './tree.ts'

/** A schema with the JSON form that everything but its own rules is read from. */
export interface Form {
  readonly schema: Schema
  readonly root: JsonNode
  readonly shape: Shape
}

export const formOf = (schema: Schema): Form => {
  const root = jsonForm(schema)
  return { schema, root, shape: shapeOf(root, root) }
}

/** The part of a file that a schema is for. */
export interface Part {
  readonly file: Tree
  readonly text: string
  readonly path: Path
}

export interface Checked {
  /** What the schema takes in: references replaced, text typed, unknown keys dropped. */
  readonly value: unknown
  readonly mistakes: readonly Mistake[]
}

type Issue = { readonly message: string; readonly path?: readonly unknown[] | undefined }

const stepOf = (step: unknown): string | number => {
  const key: unknown = typeof step === 'object' && step !== null && 'key' in step ? step.key : step
  return typeof key === 'number' ? key : String(key)
}

const isBrokenAt = (file: Tree, path: Path): boolean =>
  path.some((_, index) => {
    const { tree } = locate(file, path.slice(0, index + 1))
    return tree?.kind === 'scalar' && tree.broken
  })

const mistakeOf = (issue: Issue, form: Form, { file, text, path }: Part): Mistake[] => {
  const steps = (issue.path ?? []).map(stepOf)
  const whole = [...path, ...steps]
  if (isBrokenAt(file, whole)) return []
  const { tree, at } = locate(file, whole)
  const parent = steps.slice(0, -1).reduce((shape, step) => childOf(shape, step, form.root), form.shape)
  const last = steps.at(-1)
  const shape = last === undefined ? form.shape : childOf(parent, last, form.root)
  const words = describeRefusal({
    issue,
    message: issue.message,
    tree,
    shape,
    required: last !== undefined && isRequired(parent, last),
    beforeComment: /:\s+#/.test(text.split(/\r?\n/)[at.line - 1] ?? ''),
  })
  return [{ at, path: whole, ...words }]
}

/** Checks one part of a file against a schema; a part that is not there is an empty mapping. */
export const check = async (form: Form, part: Part): Promise<Checked> => {
  const { tree } = locate(part.file, part.path)
  const fitted =
    tree === undefined ? { value: {}, mistakes: [] } : fit(tree, form.shape, form.root, part.path)
  const result = await form.schema['~standard'].validate(fitted.value)
  const refused = (result.issues ?? []).flatMap((issue) => mistakeOf(issue, form, part))
  return { value: fitted.value, mistakes: [...fitted.mistakes, ...refused] }
}
