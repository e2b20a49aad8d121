import type { z } from 'zod'

/** What JSON can hold. */
export type Json = z.core.util.JSONType

/** Whether it is something that JSON can hold. It refers to itself nowhere. */
export const isJson = (value: unknown): value is Json => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || (Array.isArray(value) ? value.every(isJson) : isJsonObject(value))
    default:
      return false
  }
}

/** Whether it is an object that JSON can hold. It refers to itself nowhere. */
export const isJsonObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isJson)
