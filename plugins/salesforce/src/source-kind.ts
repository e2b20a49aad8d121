import { registrationEventSchema } from '@onsignup/core'
import { z } from 'zod'

/** What a template always gives when it gives anything. Lists and objects become text here. */
export type Kind = 'text' | 'time' | 'boolean' | 'number'

type Json = z.core.JSONSchema.JSONSchema | boolean | undefined

const EVENT: Json = z.toJSONSchema(registrationEventSchema)

const LONE = /^\{\{-?\s*([A-Za-z_][\w.]*)\s*-?\}\}$/

const withoutNull = (node: Json): Json =>
  typeof node === 'object'
    ? (node.anyOf?.find((one) => typeof one === 'object' && one.type !== 'null') ?? node)
    : node

const KINDS: { readonly [type: string]: Kind } = {
  boolean: 'boolean',
  number: 'number',
  integer: 'number',
  string: 'text',
  array: 'text',
  object: 'text',
}

const kindOfSchema = (node: Json): Kind | undefined => {
  if (typeof node !== 'object') return undefined
  if (node.format === 'date-time') return 'time'
  const [type, ...others] = [node.type].flat().filter((one) => one !== 'null')
  return type === undefined || others.length > 0 ? undefined : KINDS[type]
}

/** Of a template that is one variable of the event; undefined: that depends. */
export const kindOfTemplate = (source: string): Kind | undefined => {
  const path = LONE.exec(source.trim())?.[1]?.split('.')
  let node: Json = EVENT
  for (const name of path ?? []) {
    const properties: { readonly [name: string]: Json } | undefined =
      typeof node === 'object' ? node.properties : undefined
    // What the application keeps about users may be anything.
    if (properties === undefined || !Object.hasOwn(properties, name)) return undefined
    node = withoutNull(properties[name])
  }
  return path === undefined ? undefined : kindOfSchema(node)
}

/** What stands between the variables of a template, and so in all that it gives; undefined: that depends. */
export const fixedText = (source: string): string | undefined =>
  source.includes('{%') ? undefined : source.replace(/\{\{.*?\}\}/gs, '').trim()

/** Whether a text is a template at all. */
export const isTemplate = (source: string): boolean => /\{\{|\{%/.test(source)
