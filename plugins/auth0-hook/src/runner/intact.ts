import { EventEmitter } from 'node:events'

// What a script may replace, as it was before any script ran.
const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, isExtensible, deleteProperty, apply, get } =
  Reflect
const { is } = Object
const { startsWith } = String.prototype

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const isFunction = (value: unknown): boolean => typeof value === 'function'

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
  readonly prototype: object | null
  readonly isExtensible: boolean
  /** How many properties it had; undefined: it may get and lose some. */
  readonly size: number | undefined
  readonly properties: readonly Noted[]
}

/** Looks at some of an object's properties, by default at all; if at all, no other may come. */
const watch = (name: string, object: object, keys: readonly PropertyKey[] = ownKeys(object)): Watched => ({
  name,
  object,
  prototype: getPrototypeOf(object),
  isExtensible: isExtensible(object),
  size: object === globalThis ? undefined : ownKeys(object).length,
  properties: keys.map((key) => {
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
const changeOf = (watched: Watched): string | undefined => {
  const { name, object, size, properties } = watched
  if (size !== undefined && ownKeys(object).length !== size) return `it added to ${name}`
  if (isExtensible(object) !== watched.isExtensible) return `it froze ${name}`
  if (getPrototypeOf(object) !== watched.prototype) return `it changed the prototype of ${name}`
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
    function* () {},
    async function* () {},
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

/** Whether it holds what a module has beside its functions, and is no state of the module's, as an agent is. */
const isPlain = (value: unknown): boolean =>
  isObject(value) && (Array.isArray(value) || [Object.prototype, null].includes(getPrototypeOf(value)))

/** What connections are made with where a request names nothing else. */
const agentOptions = (exports: object): unknown => {
  const agent: unknown = get(exports, 'globalAgent')
  return isObject(agent) ? get(agent, 'options') : undefined
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
  const addMembers = (name: string, members: Watched, isWanted: (value: unknown) => boolean): void => {
    for (const { key, value } of members.properties) if (isWanted(value)) add(`${name}.${String(key)}`, value)
  }
  for (const { key, value } of globals.properties) add(String(key), value)
  for (const object of unnamed()) add('a built-in prototype', object)
  addMembers('Intl', watch('Intl', Intl), isFunction)
  add('process.prototype', getPrototypeOf(process))
  add('EventEmitter', EventEmitter)

  return {
    watchModule(name, exports) {
      if (seen.has(exports)) return
      add(name, exports)
      // Node keeps what it has loaded among the members of this one.
      const isWanted = name.endsWith('module')
        ? isFunction
        : (value: unknown) => isFunction(value) || isPlain(value)
      addMembers(name, watch(name, exports), isWanted)
      add(`${name}.globalAgent.options`, agentOptions(exports))
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
