/** Over all blocks; not documented: https://github.com/slackapi/bolt-js/issues/2509 */
export const ALL_BLOCKS = 13_200

/** https://docs.slack.dev/reference/block-kit/blocks (2026-11) */
export const MOST_BLOCKS = 50

/** Longer text is cut without a word: https://docs.slack.dev/reference/methods/chat.postMessage#truncating */
export const MESSAGE_TEXT = 40_000

/** The longest text of any text object: https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
export const TEXT_OBJECT = 3_000

/** Characters that Slack takes, by the type of what holds them and the key; `*` is any type. */
const CHARACTERS: Readonly<Record<string, number>> = {
  'header.text': 150,
  'section.fields': 2_000,
  'button.text': 75,
  'markdown.text': 12_000,
  'image.title': 2_000,
  '*.alt_text': 2_000,
  '*.value': 2_000,
  '*.block_id': 255,
  '*.action_id': 255,
}

export const characters = (type: string, key: string): number =>
  CHARACTERS[`${type}.${key}`] ?? CHARACTERS[`*.${key}`] ?? TEXT_OBJECT
