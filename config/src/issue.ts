import { nearest } from '@onsignup/core/engine'
import { z } from 'zod'
import type { Mistake } from './finding.ts'
import { typesOf, type Shape } from './json-schema.ts'
import type { Tree } from './tree.ts'
import { choicesOf, foundWords, isConstrained, purposeOf, typeWords, writeWords } from './words.ts'

/** What a schema refused: an issue of its validator and what is at its path. */
export interface Refusal {
  readonly issue: unknown
  readonly message: string
  readonly tree: Tree | undefined
  readonly shape: Shape
  readonly required: boolean
  /** Whether a # follows on the line, which YAML takes for a comment. */
  readonly beforeComment: boolean
}

type Words = Pick<Mistake, 'message' | 'mend'>

const issueSchema = z.object({
  code: z.string().optional(),
  params: z.object({ mend: z.string() }).optional().catch(undefined),
  issues: z
    .tuple([z.object({ message: z.string() })])
    .rest(z.unknown())
    .optional()
    .catch(undefined),
})

const READY_MADE = /^(Invalid|Too |Unrecognized|Expected|Required)/

const VERB = '(?:add|choose|give|leave|map|put|quote|remove|set|use|write)\\b'
const MEND = new RegExp(`^(?:${VERB}|(.*?)[:;] (?=${VERB}))`, 's')

/** Authors write what is wrong, or what to write instead, or both: `it is no token: write one`. */
const split = (message: string): Partial<Words> => {
  const match = MEND.exec(message)
  if (match === null) return { message }
  const [whole, what] = match
  return what === undefined ? { mend: message } : { message: what, mend: message.slice(whole.length) }
}

const typeOf = (tree: Tree): string => {
  if (tree.kind !== 'scalar') return tree.kind === 'list' ? 'array' : 'object'
  return tree.value === null ? 'null' : typeof tree.value
}

const isOfType = (tree: Tree, types: readonly string[]): boolean => {
  const type = typeOf(tree)
  if (types.includes(type)) return true
  return (
    type === 'number' && types.includes('integer') && tree.kind === 'scalar' && Number.isInteger(tree.value)
  )
}

const wrongType = ({ tree, shape, beforeComment }: Refusal, mend: string | undefined): Words | undefined => {
  const types = typesOf(shape)
  if (tree === undefined || types === undefined || isOfType(tree, types)) return undefined
  const message = `expected ${typeWords(shape)}, found ${foundWords(tree, shape)}`
  if (mend !== undefined) return { message, mend }
  if (!types.includes('string') || tree.kind !== 'scalar') return { message, mend: writeWords(shape) }
  if (tree.value === null && beforeComment)
    return { message, mend: 'put it in quotes: a bare # starts a comment' }
  return {
    message,
    mend: tree.value === null || isConstrained(shape) ? writeWords(shape) : 'put it in quotes',
  }
}

const wrongChoice = ({ tree, shape }: Refusal): Words | undefined => {
  const choices = choicesOf(shape)
  if (tree?.kind !== 'scalar' || choices.length === 0) return undefined
  const meant = nearest(String(tree.value), choices)
  return {
    message: `${foundWords(tree, shape)} is not one of ${choices.join(', ')}`,
    mend: meant === undefined ? writeWords(shape) : `write ${meant}`,
  }
}

const unfit = ({ tree, shape }: Refusal): string => {
  if (tree?.kind !== 'scalar') return 'does not fit'
  if (tree.value === '') return 'is empty'
  return `${foundWords(tree, shape)} ${typeof tree.value === 'number' ? 'is out of range' : 'does not fit'}`
}

const emptyVariable = ({ tree }: Refusal): Words | undefined => {
  const name = tree?.kind === 'scalar' && tree.value === '' ? tree.variables[0]?.name : undefined
  return name === undefined
    ? undefined
    : { message: 'is empty', mend: `set ${name} in the environment or in .env beside the file` }
}

const missing = ({ shape }: Refusal): Words => {
  const purpose = purposeOf(shape)
  return { message: 'is missing', mend: purpose === undefined ? 'add it' : `add it: ${purpose}` }
}

/** Says what a schema refused in the words of a YAML file, and what to write instead. */
export const describeRefusal = (refusal: Refusal): Words => {
  const { issue, message, tree, shape, required } = refusal
  const { code, params, issues } = issueSchema.catch({}).parse(issue)
  if (code === 'invalid_key') {
    return { message: 'this is no key here', mend: issues?.[0].message ?? 'write another' }
  }
  const isOwn = code === undefined || code === 'custom' || !READY_MADE.test(message)
  const own = isOwn ? split(message) : {}
  if (tree === undefined && (required || !isOwn)) return { ...missing(refusal), ...own }
  return (
    emptyVariable(refusal) ??
    wrongType(refusal, own.mend) ??
    (isOwn ? undefined : wrongChoice(refusal)) ?? {
      message: own.message ?? (tree === undefined ? 'is missing' : unfit(refusal)),
      mend: params?.mend ?? own.mend ?? writeWords(shape),
    }
  )
}
