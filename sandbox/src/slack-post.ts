import { isObject, parseJson } from './json.ts'
import type { JsonObject } from './json.ts'
import { blockProblems } from './slack-blocks.ts'
import type { Draft, SlackMessage } from './slack-workspace.ts'

export type Drafted =
  | { readonly draft: Draft; readonly error?: never }
  | { readonly draft?: never; readonly error: string; readonly details?: JsonObject }

/** Turns the arguments of a post into a message, or into Slack's reason for refusing it. */
export function draftMessage(args: JsonObject, via: SlackMessage['via']): Drafted {
  const blocks = jsonArgument(args['blocks'])
  if (blocks !== undefined && !Array.isArray(blocks)) return { error: 'invalid_blocks_format' }
  const problems = blocks === undefined ? [] : blockProblems(blocks)
  if (problems.length > 0) return invalid('invalid_blocks', problems)
  if (totalText(blocks) > BLOCKS_TEXT_LIMIT) return { error: 'msg_blocks_too_long' }

  const attachments = jsonArgument(args['attachments'])
  if (attachments !== undefined && !Array.isArray(attachments)) return { error: 'invalid_attachments' }
  if (attachments !== undefined && attachments.length > 100) return { error: 'too_many_attachments' }

  const metadata = jsonArgument(args['metadata'])
  if (metadata !== undefined && !isObject(metadata)) return { error: 'invalid_metadata_format' }
  if (metadata !== undefined && !isMetadata(metadata)) return { error: 'invalid_metadata_schema' }

  const markdown = typeof args['markdown_text'] === 'string' ? args['markdown_text'] : undefined
  if (markdown !== undefined && (args['text'] !== undefined || blocks !== undefined)) {
    return { error: 'markdown_text_conflict' }
  }
  if (markdown !== undefined && markdown.length > 12_000) return { error: 'msg_too_long' }
  const text = markdown ?? (typeof args['text'] === 'string' ? args['text'] : '')
  const content = text.trim() !== '' || isFilled(blocks) || isFilled(attachments)
  if (!content) return { error: 'no_text' }
  const threadTs = typeof args['thread_ts'] === 'string' ? args['thread_ts'] : undefined
  return { draft: { text: text.slice(0, TEXT_LIMIT), blocks, metadata, threadTs, via, args } }
}

/** An error with the details that Slack puts into `response_metadata.messages`. */
export function invalid(error: string, problems: readonly string[]): Drafted & { readonly error: string } {
  const messages = problems.map((problem) => `[ERROR] ${problem}`)
  return { error, details: { errors: problems, response_metadata: { messages } } }
}

// Longer text is cut without a word: https://docs.slack.dev/reference/methods/chat.postMessage#truncating
const TEXT_LIMIT = 40_000

// Undocumented; seen at about this size: https://github.com/slackapi/bolt-js/issues/2509
const BLOCKS_TEXT_LIMIT = 13_200

// A form carries JSON as text, a JSON body carries the value; Slack takes text inside a JSON body too.
function jsonArgument(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'string' ? (parseJson(value) ?? null) : value
}

function isMetadata(value: JsonObject): boolean {
  return typeof value['event_type'] === 'string' && isObject(value['event_payload'])
}

function isFilled(value: readonly unknown[] | undefined): boolean {
  return value !== undefined && value.length > 0
}

function totalText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + totalText(item), 0)
  if (!isObject(value)) return 0
  const own = typeof value['text'] === 'string' ? value['text'].length : totalText(value['text'])
  return own + totalText(value['fields']) + totalText(value['elements'])
}
