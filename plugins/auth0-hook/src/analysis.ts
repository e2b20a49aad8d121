import { parse, type Program } from 'acorn'
import { nameAliases } from './analysis/aliases.ts'
import { exportsOf, type ScriptKind } from './analysis/exported.ts'
import { MAGIC, WEB_CRYPTO } from './analysis/known.ts'
import { readsOf, type Read } from './analysis/reads.ts'
import { requiredBy } from './analysis/requires.ts'
import { isPlaceOf, lineOf, placesOf } from './analysis/places.ts'
import { declareNames, declaring } from './analysis/scopes.ts'
import { unknownCallsOf } from './analysis/unknown-calls.ts'

/** One `require` or `import()` of a script. Lines and columns count from 1. */
export interface ScriptRequire {
  /** As the script writes it; of a dynamic one, its expression. */
  readonly request: string
  /** Of the package, without version and subpath; of a file or of what is no package, the request. */
  readonly name: string
  readonly version?: string
  readonly subpath?: string
  readonly line: number
  readonly column: number
  readonly builtin: boolean
  /** A file beside the script. */
  readonly file?: true
  /** What it asks for, only the run knows. */
  readonly dynamic?: true
  /** It stands in a `try`, and the script goes on without it. */
  readonly optional?: true
  /** By `import()`. */
  readonly imported?: true
}

/** Something that a script reads and that exists nowhere for its kind. */
export interface UnknownCall {
  /** As `api.user.setUserMetadata`. */
  readonly what: string
  readonly line: number
  /** What comes of it: a TypeError, or undefined. */
  readonly effect: 'throws' | 'undefined'
  readonly mend: string
}

/** What can be known of a script without running it. */
export interface ScriptAnalysis {
  readonly kind: ScriptKind
  /** It does not parse; then all else is empty. */
  readonly syntaxError?: { readonly message: string; readonly line: number; readonly column: number }
  readonly requires: readonly ScriptRequire[]
  /** Each secret that it names, where it does so first. */
  readonly secrets: readonly { readonly name: string; readonly line: number }[]
  readonly unknownCalls: readonly UnknownCall[]
  /** It reads `configuration`, the global of Auth0's Rules. */
  readonly usesConfiguration: boolean
  /** Modules of Auth0's Node 12 that it uses and never defines. */
  readonly magicGlobals: readonly { readonly name: string; readonly line: number }[]
  readonly directives: readonly ('use npm' | 'use latest')[]
  /** What it calls on something that has a name, as `updateUser` for `client.updateUser()`. */
  readonly methods: ReadonlySet<string>
}

const EMPTY = {
  kind: 'neither',
  requires: [],
  secrets: [],
  unknownCalls: [],
  usesConfiguration: false,
  magicGlobals: [],
  directives: [],
  methods: new Set<string>(),
} as const satisfies ScriptAnalysis

const TOO_DEEP = { message: 'it is nested too deeply to be read', line: 1, column: 1 }

const RULE = /^\s*(?:async\s+)?function\s*\(/

const wordsOf = (error: SyntaxError, line: string): string => {
  const message = error.message.replace(/ \(\d+:\d+\)$/, '')
  if (message.startsWith('Not enough stack')) return TOO_DEEP.message
  if (message.startsWith("'import' and 'export'")) {
    return 'import and export are not known here: a script of Auth0 is CommonJS, with require and module.exports'
  }
  return RULE.test(line)
    ? 'a function without a name, as in a Rule: write module.exports = in front of it'
    : message
}

/** Where a parser gave up. */
const placeOf = (error: SyntaxError): { readonly line: number; readonly column: number } => {
  const [, line = '1', column = '0'] = /\((\d+):(\d+)\)$/.exec(error.message) ?? []
  return { line: Number(line), column: Number(column) + 1 }
}

const parsed = (source: string): Program | NonNullable<ScriptAnalysis['syntaxError']> => {
  try {
    return parse(source, {
      ecmaVersion: 'latest',
      sourceType: 'commonjs',
      allowHashBang: true,
      locations: true,
    })
  } catch (error) {
    if (error instanceof SyntaxError) {
      const place = placeOf(error)
      return { message: wordsOf(error, source.split('\n')[place.line - 1] ?? ''), ...place }
    }
    if (error instanceof RangeError) return TOO_DEEP
    throw error
  }
}

/** One of each name, the first. */
const firsts = <Named extends { readonly name: string }>(named: readonly Named[]): readonly Named[] => {
  const seen = new Set<string>()
  return named.filter(({ name }) => !seen.has(name) && seen.add(name))
}

const SECRETS = /^(?:event\.secrets|(?:context|module)\.webtask\.(?:secrets|data)|configuration)$/

const secretsOf = (reads: readonly Read[]): ScriptAnalysis['secrets'] =>
  firsts(
    reads.flatMap(({ path, line }) => {
      const index = path[0]?.name === 'configuration' ? 1 : path[0]?.name === 'event' ? 2 : 3
      const from = path.slice(0, index).map(({ name }) => name)
      const name = path[index]?.name
      if (name === undefined || name === null || name in Object.prototype) return []
      return SECRETS.test(from.join('.')) ? [{ name, line }] : []
    }),
  )

/** What a script is, needs and will stumble over, read from its source without running it. */
export const analyseScript = (source: string): ScriptAnalysis => {
  const program = parsed(source)
  if ('message' in program) return { ...EMPTY, syntaxError: program }
  try {
    return analysed(program, source)
  } catch (error) {
    if (error instanceof RangeError) return { ...EMPTY, syntaxError: TOO_DEEP }
    throw error
  }
}

const analysed = (program: Program, source: string): ScriptAnalysis => {
  const places = placesOf(program)
  declareNames(places)
  const exported = exportsOf(places, source)
  const reads = readsOf(places, nameAliases(places, exported))
  const requires: ScriptRequire[] = []
  const methods = new Set<string>()
  const magic: { readonly name: string; readonly line: number }[] = []
  let usesConfiguration = false
  for (const place of places) {
    if (isPlaceOf(place, 'CallExpression', 'ImportExpression')) {
      const required = requiredBy(place, source)
      if (required !== undefined) requires.push(required)
    }
    if (isPlaceOf(place, 'CallExpression')) {
      const { callee } = place.node
      const isOfName = callee.type === 'MemberExpression' && callee.object.type === 'Identifier'
      if (isOfName && !callee.computed && callee.property.type === 'Identifier') {
        methods.add(callee.property.name)
      }
    }
    if (!isPlaceOf(place, 'Identifier') || place.isPattern) continue
    const { name } = place.node
    const parent = place.parent?.node
    if (declaring(name, place.scope) !== null) continue
    if (parent?.type === 'UnaryExpression' && parent.operator === 'typeof') continue
    usesConfiguration ||= name === 'configuration'
    const member =
      parent?.type === 'MemberExpression' && parent.property.type === 'Identifier'
        ? parent.property.name
        : null
    if (MAGIC.has(name) && !(name === 'crypto' && WEB_CRYPTO.has(member))) {
      magic.push({ name, line: lineOf(place.node) })
    }
  }
  return {
    kind: exported.kind,
    requires: requires.toSorted((one, other) => one.line - other.line || one.column - other.column),
    secrets: secretsOf(reads),
    unknownCalls: unknownCallsOf(exported.kind, reads),
    usesConfiguration,
    magicGlobals: firsts(magic.toSorted((one, other) => one.line - other.line)),
    directives: program.body.flatMap((statement) => {
      const directive = statement.type === 'ExpressionStatement' ? statement.directive : undefined
      return directive === 'use npm' || directive === 'use latest' ? [directive] : []
    }),
    methods,
  }
}
