// What a script may replace, as it was before any script ran.
const { ownKeys, getOwnPropertyDescriptor, deleteProperty, apply } = Reflect
const { is } = Object
const { startsWith } = String.prototype

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

// Node loads undici, for some 20 ms, when one of these is looked at; whoever replaces them replaces fetch too.
const LAZY: ReadonlySet<PropertyKey> = new Set([
  'CloseEvent',
  'EventSource',
  'FormData',
  'Headers',
  'MessageEvent',
  'Request',
  'Response',
  'WebSocket',
])

/** Whether a global is one that Node itself adds when `fetch` is used. */
const isOfFetch = (key: PropertyKey): boolean =>
  typeof key === 'symbol' && apply(startsWith, String(key), ['Symbol(undici.global'])

/** A property as it was. */
interface Noted {
  readonly key: PropertyKey
  readonly value: unknown
  readonly get: (() => unknown) | undefined
  readonly set: unknown
}

/** An object whose properties are looked at again after a run. */
interface Watched {
  readonly name: string
  readonly object: object
  /** Whether these are all properties that it had. */
  readonly whole: boolean
  readonly properties: readonly Noted[]
}

const watch = (name: string, object: object, keys?: readonly PropertyKey[]): Watched => ({
  name,
  object,
  whole: keys === undefined,
  properties: (keys ?? ownKeys(object)).map((key) => {
    const descriptor = getOwnPropertyDescriptor(object, key)
    return { key, value: descriptor?.value, get: descriptor?.get, set: descriptor?.set }
  }),
})

const isSame = (object: object, { key, value, get, set }: Noted): boolean => {
  const now = getOwnPropertyDescriptor(object, key)
  if (now === undefined) return false
  if (now.get !== undefined || get === undefined) {
    return now.get === get && now.set === set && is(now.value, value)
  }
  // Node replaces some of its getters by the value when they are first read.
  return is(now.value, apply(get, object, []))
}

// Index loops from here on: a script can replace what iterates arrays.
const changeOf = ({ name, object, whole, properties }: Watched): string | undefined => {
  if (whole && ownKeys(object).length !== properties.length) return `it added to ${name}`
  for (let index = 0; index < properties.length; index += 1) {
    const property = properties[index]
    if (property !== undefined && !isSame(object, property))
      return `it changed ${name}.${String(property.key)}`
  }
  return undefined
}

/** The built-in objects that no global names. */
const unnamed = (): readonly object[] => {
  const generator = (function* () {})()
  const asyncGenerator = (async function* () {})()
  const samples: readonly object[] = [
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().entries(),
    ''.matchAll(/x/g),
    generator,
    asyncGenerator,
    async () => {},
  ]
  const prototypes = samples.flatMap((sample): unknown[] => {
    const prototype: unknown = Object.getPrototypeOf(sample)
    return [prototype, Object.getPrototypeOf(prototype)]
  })
  const typedArray: unknown[] = [
    Object.getPrototypeOf(Uint8Array),
    Object.getPrototypeOf(Uint8Array.prototype),
  ]
  return [...prototypes, ...typedArray].filter(isObject)
}

/** What a script may leave behind in its process. */
export interface Intact {
  /** From now on a module of Node's that the script uses is looked at too. */
  watchModule(name: string, exports: object): void
  /** Takes away the globals that a run made, and says what else it changed; undefined: nothing. */
  restore(): string | undefined
}

/** Notes the globals and what hangs on them, before any script has run. */
export const takeStock = (): Intact => {
  const names = ownKeys(globalThis)
  const isKnown = Set.prototype.has.bind(new Set<unknown>(names))
  const globals = watch(
    'globalThis',
    globalThis,
    names.filter((key) => !LAZY.has(key)),
  )
  const methods = Object.entries(process).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  )
  const watched = [globals, watch('process', process, methods)]
  const seen = new Set<object>([globalThis, process])

  const add = (name: string, object: unknown): void => {
    if (!isObject(object) || seen.has(object)) return
    seen.add(object)
    watched.push(watch(name, object))
    add(`${name}.prototype`, getOwnPropertyDescriptor(object, 'prototype')?.value)
  }
  for (const { key, value } of globals.properties) add(String(key), value)
  for (const object of unnamed()) add('a built-in prototype', object)

  return {
    watchModule(name, exports) {
      if (seen.has(exports)) return
      add(name, exports)
      for (const { key, value } of watch(name, exports).properties) {
        if (typeof value === 'function') add(`${name}.${String(key)}`, value)
      }
    },
    restore() {
      const now = ownKeys(globalThis)
      for (let index = 0; index < now.length; index += 1) {
        const key = now[index]
        if (key === undefined || isKnown(key) || isOfFetch(key)) continue
        if (!deleteProperty(globalThis, key)) {
          return `it made a global that cannot be removed: ${String(key)}`
        }
      }
      for (let index = 0; index < watched.length; index += 1) {
        const object = watched[index]
        const change = object === undefined ? undefined : changeOf(object)
        if (change !== undefined) return change
      }
      return undefined
    },
  }
}
