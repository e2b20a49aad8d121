import { CONTRACT_VERSION, PLUGIN, type Definition, type Schema } from './contract.ts'

/** A definition that the engine accepts. */
export type Plugin<S extends Schema = Schema> = Definition<S> & { readonly [PLUGIN]: number }

/** Freezes and brands a plugin's definition; infers the options that `connect` gets from its schema. */
export const definePlugin = <S extends Schema>(definition: Definition<S>): Plugin<S> =>
  Object.freeze({ ...definition, [PLUGIN]: CONTRACT_VERSION })

/** Whether a value, perhaps made by another copy of this package, is a plugin. */
export const isPlugin = (value: unknown): value is Plugin =>
  typeof value === 'object' && value !== null && PLUGIN in value
