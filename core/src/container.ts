import 'reflect-metadata'
import { container as tsyringe, type DependencyContainer } from 'tsyringe'
import { OnSignupError } from './errors.ts'

/** Names one part of the program, or a list of parts, and carries its type. */
export interface Token<T> {
  readonly name: string
  readonly key: symbol
  /** Carries the type only; never set. */
  readonly type?: T
}

export const token = <T>(name: string): Token<T> => ({ name, key: Symbol(name) })

/** What a factory takes other parts from. */
export interface Parts {
  /** Throws `container_missing` and `container_circle`, naming the path that led there. */
  get<T>(token: Token<T>): Promise<T>
  /** The parts of a list in the order of their registration; empty when there are none. */
  all<T>(token: Token<T>): Promise<readonly T[]>
}

type Factory<T> = (parts: Parts) => T | Promise<T>

/** What a part needs done when the program starts and when it ends. */
export interface Lifecycle<T> {
  readonly open?: (part: T) => void | Promise<void>
  readonly close?: (part: T) => void | Promise<void>
}

type Path = readonly Token<unknown>[]

/** One registration: makes its part once, whoever asks first. */
interface Entry<T> {
  readonly make: (path: Path) => Promise<T>
}

interface Made {
  readonly open: () => void | Promise<void>
  readonly close: () => void | Promise<void>
}

/**
 * A wrapper that makes tsyringe's registry say no: a second registration is refused instead of winning silently, a
 * factory runs once, circles and missing parts are named by their path, and what was made is opened in the order of
 * its making and closed in reverse.
 */
export class Container implements Parts {
  // A child of the always empty root, since tsyringe exports no other way to make a container of one's own.
  readonly #registry: DependencyContainer = tsyringe.createChildContainer()
  readonly #tokens: Token<unknown>[] = []
  readonly #replacements = new Map<symbol, symbol>()
  readonly #made: Made[] = []
  #opened = 0

  /** Registers the one part of a token; throws `container_duplicate`. */
  provide<T>(token: Token<T>, factory: Factory<T>, lifecycle?: Lifecycle<T>): this {
    if (this.#registry.isRegistered(token.key)) {
      throw new OnSignupError('container_duplicate', `${token.name} is registered already`, {
        mend: 'use replace() where that is meant, add() for a list',
      })
    }
    return this.add(token, factory, lifecycle)
  }

  /** Registers one more part of a list. */
  add<T>(token: Token<T>, factory: Factory<T>, lifecycle?: Lifecycle<T>): this {
    this.#registry.register(token.key, { useValue: this.#entry(factory, lifecycle) })
    if (!this.#tokens.includes(token)) this.#tokens.push(token)
    return this
  }

  /** Puts another part in place of a registered one, before anything was made of it; throws `container_missing`. */
  replace<T>(token: Token<T>, factory: Factory<T>, lifecycle?: Lifecycle<T>): this {
    this.#entries(token, [])
    const key = Symbol(token.name)
    this.#registry.register(key, { useValue: this.#entry(factory, lifecycle) })
    this.#replacements.set(token.key, key)
    return this
  }

  async get<T>(token: Token<T>): Promise<T> {
    return this.#partsAt([]).get(token)
  }

  async all<T>(token: Token<T>): Promise<readonly T[]> {
    return this.#partsAt([]).all(token)
  }

  /** Makes every registered part, then opens each in the order of its making. */
  async open(): Promise<void> {
    for (const token of this.#tokens) await this.all(token)
    for (const { open } of this.#made) {
      this.#opened += 1
      await open()
    }
  }

  /** Closes what was opened, the last first; all of it, then throws the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const { close } of this.#made.slice(0, this.#opened).toReversed()) {
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => failures.push(error))
    }
    this.#opened = 0
    if (failures.length > 0) throw failures[0]
  }

  #entry<T>(factory: Factory<T>, lifecycle: Lifecycle<T> = {}): Entry<T> {
    let made: Promise<T> | undefined
    const make = async (path: Path): Promise<T> => {
      const part = await factory(this.#partsAt(path))
      this.#made.push({ open: () => lifecycle.open?.(part), close: () => lifecycle.close?.(part) })
      return part
    }
    return { make: (path) => (made ??= make(path)) }
  }

  #entries<T>(token: Token<T>, path: Path): readonly Entry<T>[] {
    const key = this.#replacements.get(token.key) ?? token.key
    if (this.#registry.isRegistered(key)) return this.#registry.resolveAll<Entry<T>>(key)
    throw missing(token, path)
  }

  #partsAt(path: Path): Parts {
    const resolve = async <T>(token: Token<T>): Promise<T[]> => {
      const here = [...path, token]
      if (path.includes(token)) {
        throw new OnSignupError('container_circle', `parts need each other: ${names(here)}`, {
          mend: 'break the circle: one of them must not need the next',
        })
      }
      const parts: T[] = []
      // One after the other, so that a path is always the whole way and a circle cannot wait for itself.
      for (const entry of this.#entries(token, path)) parts.push(await entry.make(here))
      return parts
    }
    return {
      async get<T>(token: Token<T>) {
        const parts = await resolve(token)
        for (const part of parts) return part
        throw missing(token, path)
      },
      all: async (token) => (this.#tokens.includes(token) ? resolve(token) : []),
    }
  }
}

const missing = (token: Token<unknown>, path: Path): OnSignupError =>
  new OnSignupError('container_missing', `${names([...path, token])}: ${token.name} is not registered`, {
    mend: `provide(${token.name}, …) before composing`,
  })

const names = (path: Path): string => path.map(({ name }) => name).join(' → ')
