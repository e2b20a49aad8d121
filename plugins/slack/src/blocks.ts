import type { RegistrationEvent } from '@onsignup/core'
import { characters, TEXT_OBJECT } from './limits.ts'
import type { Place, Rendering } from './renderer.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** Makes the JSON for an event, its values at most `perValue` characters long; undefined is left out. */
export type Part<T extends Json = Json> = (event: RegistrationEvent, perValue: number) => T | undefined

/** Compiles one template string. */
export type Render = (source: string, place: Place) => Rendering

// What is left without one of a group's keys, because a value was unknown, would be refused by Slack as a whole
// message, so the part goes instead.
const NEEDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  plain_text: [['text']],
  mrkdwn: [['text']],
  section: [['text', 'fields']],
  header: [['text']],
  markdown: [['text']],
  context: [['elements']],
  actions: [['elements']],
  image: [['image_url', 'slack_file'], ['alt_text']],
  button: [['text'], ['url']],
  rich_text: [['elements']],
  rich_text_section: [['elements']],
  text: [['text']],
  link: [['url']],
}

const TEMPLATE = /\{[{%]/
const ADDRESS = /^(https?:\/\/|mailto:|tel:)/i

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)

const typeOf = (value: JsonObject): string => (typeof value['type'] === 'string' ? value['type'] : '')

const placeOf = (type: string, key: string): Place => {
  if (type === 'markdown' || type === 'mrkdwn') return type
  return /(^|_)url$/.test(key) ? 'url' : 'text'
}

const string = (source: string, place: Place, most: number, render: Render): Part => {
  if (!TEMPLATE.test(source)) return () => source
  const rendering = render(source, place)
  return (event, perValue) => {
    const text = rendering(event, most, perValue)
    if (text.trim() === '' || (place === 'url' && !ADDRESS.test(text))) return undefined
    return text
  }
}

const array = (items: readonly Json[], type: string, key: string, render: Render): Part => {
  const parts = items.map((item) => part(item, type, key, render))
  return (event, perValue) => {
    const kept = parts.map((make) => make(event, perValue)).filter((item) => item !== undefined)
    return kept.length === 0 && items.length > 0 ? undefined : kept
  }
}

const isTextObject = (type: string): boolean => type === 'plain_text' || type === 'mrkdwn'

const object = (source: JsonObject, holder: string, holderKey: string, render: Render): Part<JsonObject> => {
  const type = typeOf(source)
  // A text object's room depends on what it stands in.
  const [roomType, roomKey] = isTextObject(type) ? [holder, holderKey] : [type, undefined]
  const parts = Object.entries(source).map(
    ([key, value]) =>
      [
        key,
        typeof value === 'string'
          ? string(value, placeOf(type, key), characters(roomType, roomKey ?? key), render)
          : part(value, type, key, render),
      ] as const,
  )
  const safe = type === 'mrkdwn' && source['verbatim'] === undefined && TEMPLATE.test(String(source['text']))
  const needs = (NEEDS[type] ?? []).filter((keys) => keys.some((key) => key in source))
  return (event, perValue) => {
    const made = parts.flatMap(([key, make]) => {
      const value = make(event, perValue)
      return value === undefined ? [] : [[key, value] as const]
    })
    const rendered: JsonObject = Object.fromEntries(safe ? [...made, ['verbatim', true] as const] : made)
    return needs.every((keys) => keys.some((key) => key in rendered)) ? rendered : undefined
  }
}

const part = (value: Json, holder: string, key: string, render: Render): Part => {
  if (typeof value === 'string') return string(value, placeOf(holder, key), TEXT_OBJECT, render)
  if (value === null || typeof value !== 'object') return () => value
  return isArray(value) ? array(value, holder, key, render) : object(value, holder, key, render)
}

/** Compiles a Block Kit block with template strings anywhere in it. */
export const compileBlock = (block: JsonObject, render: Render): Part<JsonObject> =>
  object(block, '', '', render)

/** The characters of all texts in blocks. */
export const textLength = (value: Json): number => {
  if (typeof value === 'string') return value.length
  if (value === null || typeof value !== 'object') return 0
  return Object.values(value).reduce<number>((sum, item) => sum + textLength(item), 0)
}
