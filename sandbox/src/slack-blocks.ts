import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'

/**
 * What Slack finds wrong with `blocks`, in its own words, each with a JSON pointer; empty when nothing.
 * Limits: https://docs.slack.dev/reference/block-kit/blocks and …/composition-objects/text-object
 */
export function blockProblems(blocks: readonly unknown[]): readonly string[] {
  const problems: string[] = []
  if (blocks.length > 50) problems.push(at('no more than 50 items allowed', '/blocks'))
  for (const [index, block] of blocks.entries()) {
    const path = `/blocks/${index}`
    if (!isObject(block)) problems.push(at('must provide an object', path))
    else problems.push(...checkBlock(block, path))
  }
  return problems
}

type Check = (block: JsonObject, path: string) => readonly string[]

const BLOCKS: Readonly<Record<string, { readonly keys: readonly string[]; readonly check: Check }>> = {
  divider: { keys: [], check: () => [] },
  header: {
    keys: ['text', 'level'],
    check: (b, p) => textObject(b['text'], `${p}/text`, 150, ['plain_text']),
  },
  section: { keys: ['text', 'fields', 'accessory', 'expand'], check: checkSection },
  context: { keys: ['elements'], check: (b, p) => items(b['elements'], `${p}/elements`, 10, contextElement) },
  actions: { keys: ['elements'], check: (b, p) => items(b['elements'], `${p}/elements`, 25, actionElement) },
  image: { keys: ['image_url', 'slack_file', 'alt_text', 'title'], check: checkImage },
  markdown: { keys: ['text'], check: (b, p) => sized(b['text'], `${p}/text`, 12_000) },
}

const UNCHECKED = ['rich_text', 'input', 'video', 'file', 'table', 'context_actions', 'call']

function checkBlock(block: JsonObject, path: string): readonly string[] {
  const type = block['type']
  if (typeof type !== 'string') return [at('missing required field: type', path)]
  if (UNCHECKED.includes(type)) return []
  const known = BLOCKS[type]
  if (known === undefined) return [at(`unsupported type: ${type}`, `${path}/type`)]
  const id = block['block_id']
  return [
    ...extraKeys(block, ['type', 'block_id', ...known.keys], path),
    ...(id === undefined ? [] : sized(id, `${path}/block_id`, 255)),
    ...known.check(block, path),
  ]
}

function checkSection(block: JsonObject, path: string): readonly string[] {
  const { text, fields } = block
  if (text === undefined && fields === undefined) return [at('missing required field: text', path)]
  return [
    ...(text === undefined ? [] : textObject(text, `${path}/text`, 3000)),
    ...(fields === undefined
      ? []
      : items(fields, `${path}/fields`, 10, (field, where) => textObject(field, where, 2000))),
  ]
}

function checkImage(block: JsonObject, path: string): readonly string[] {
  const url = block['image_url']
  if (url === undefined && block['slack_file'] === undefined) {
    return [at('missing required field: image_url', path)]
  }
  return [
    ...(url === undefined ? [] : sized(url, `${path}/image_url`, 3000)),
    ...sized(block['alt_text'], `${path}/alt_text`, 2000),
    ...(block['title'] === undefined
      ? []
      : textObject(block['title'], `${path}/title`, 2000, ['plain_text'])),
  ]
}

function contextElement(element: unknown, path: string): readonly string[] {
  if (isObject(element) && element['type'] === 'image') return checkImage(element, path)
  return textObject(element, path, Infinity)
}

function actionElement(element: unknown, path: string): readonly string[] {
  if (!isObject(element)) return [at('must provide an object', path)]
  if (element['type'] !== 'button') return []
  return [
    ...textObject(element['text'], `${path}/text`, 75, ['plain_text']),
    ...(element['url'] === undefined ? [] : sized(element['url'], `${path}/url`, 3000)),
    ...(element['value'] === undefined ? [] : sized(element['value'], `${path}/value`, 2000)),
  ]
}

function textObject(
  value: unknown,
  path: string,
  max: number,
  types: readonly string[] = ['plain_text', 'mrkdwn'],
): readonly string[] {
  if (!isObject(value)) return [at('must provide an object', path)]
  const type = value['type']
  if (typeof type !== 'string' || !types.includes(type)) {
    return [at(`must be a valid enum value: ${types.join(', ')}`, `${path}/type`)]
  }
  const own = type === 'plain_text' ? 'emoji' : 'verbatim'
  return [...extraKeys(value, ['type', 'text', own], path), ...sized(value['text'], `${path}/text`, max)]
}

function items(
  value: unknown,
  path: string,
  max: number,
  check: (item: unknown, path: string) => readonly string[],
): readonly string[] {
  if (!Array.isArray(value)) return [at('must be an array', path)]
  if (value.length < 1) return [at('no fewer than 1 items allowed', path)]
  if (value.length > max) return [at(`no more than ${max} items allowed`, path)]
  return value.flatMap((item, index) => check(item, `${path}/${index}`))
}

function sized(value: unknown, path: string, max: number): readonly string[] {
  if (typeof value !== 'string') return [at('must be a string', path)]
  if (value.length < 1) return [at('must be more than 0 characters', path)]
  return value.length > max ? [at(`must be less than ${max + 1} characters`, path)] : []
}

function extraKeys(value: JsonObject, allowed: readonly string[], path: string): readonly string[] {
  const extra = Object.keys(value).filter((key) => !allowed.includes(key))
  return extra.map((key) => at(`invalid additional property: ${key}`, path))
}

function at(message: string, pointer: string): string {
  return `${message} [json-pointer:${pointer}]`
}
