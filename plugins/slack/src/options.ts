import { z } from 'zod'
import { isChannel, isTemplate } from './channel.ts'
import { MOST_BLOCKS } from './limits.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

const ONE_LINE = /^[\x21-\x7E]*$/

/** What people paste instead of a bot token, by its beginning. */
const NOT_TOKENS: readonly (readonly [string, string])[] = [
  ['xapp-', 'this is an app-level token'],
  ['https://', 'this is an address'],
  ['xoxc-', "this is a browser's session token"],
]

const tokenProblem = (token: string): string | undefined => {
  if (/^(xoxe\.)?xox[bp]-/.test(token)) return undefined
  const found = NOT_TOKENS.find(([start]) => token.startsWith(start))?.[1] ?? 'this is no bot token'
  return `${found}: write the Bot User OAuth Token, which begins with xoxb-`
}

const addressProblem = (address: string): string | undefined => {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'write an address as https://slack.com/api/'
  if (url.username !== '' || url.password !== '') return 'leave user and password out of the address'
  if (url.search !== '' || url.hash !== '') return 'leave out what follows the path: ? and #'
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return 'write https: the token would travel in clear text (http is for loopback only)'
  }
  return undefined
}

const problem = (message: string | undefined, path: string[], input: unknown) =>
  message === undefined ? [] : [{ code: 'custom' as const, message, path, input }]

export const options = z
  .strictObject({
    webhook_url: z
      .string()
      .trim()
      // URL would take a line break out without a word.
      .regex(ONE_LINE, 'an address is one line without spaces')
      .optional()
      .meta({
        description:
          'The address of an incoming webhook, in place of `token` and `channel`. It is a secret: whoever has it may post.',
        writeOnly: true,
        examples: ['${SLACK_WEBHOOK_URL}'],
      }),
    token: z
      .string()
      .trim()
      .min(1, 'write the bot token')
      .regex(ONE_LINE, 'a token is one line without spaces')
      .optional()
      .meta({
        description: 'The Bot User OAuth Token, with the scope chat:write.',
        writeOnly: true,
        examples: ['${SLACK_BOT_TOKEN}'],
      }),
    channel: z
      .string({
        error: ({ input }) =>
          input === null ? 'quote a name: in YAML # begins a comment, so write "#signups"' : undefined,
      })
      .trim()
      .refine((channel) => isTemplate(channel) || isChannel(channel), {
        error: 'write an ID as C0123456789, or a name in quotes with its # as "#signups"',
      })
      .optional()
      .meta({
        description:
          'Where the message goes: an ID (safest: names change, and private channels need it), a #name, or a template that gives one.',
        examples: ['C0123456789', '#signups'],
        template: true,
      }),
    alerts_channel: z
      .string()
      .trim()
      .refine(isChannel, { error: 'write an ID as C0123456789, or a name in quotes with its # as "#ops"' })
      .optional()
      .meta({
        description:
          'Where alerts go when `alerts:` names this connector. Default: `channel`, if that is no template.',
        examples: ['C0123456789'],
      }),
    text: z
      .string()
      .min(1, 'leave `text` out for the default')
      .optional()
      .meta({
        description:
          'The message in Slack mrkdwn. With `blocks` it shows in notifications only. Default: who signed up.',
        examples: ['{{ user.email }} signed up through {{ context.connection.name }}'],
        template: true,
      }),
    blocks: z
      .array(z.object({ type: z.string() }).catchall(z.json()))
      .max(MOST_BLOCKS, `Slack takes at most ${MOST_BLOCKS} blocks`)
      .optional()
      .meta({
        description:
          'Block Kit blocks with templates in any string; parts whose values are unknown are left out. Default: a heading with what is known of the user, or none if `text` is set.',
        examples: [[{ type: 'section', text: { type: 'mrkdwn', text: '*{{ user.email }}* signed up' } }]],
        template: true,
      }),
    api_url: z
      .string()
      .trim()
      .optional()
      .meta({
        description:
          'Another address of the Slack API. http is for loopback only. Default: https://slack.com/api/.',
        examples: ['https://slack-gov.com/api/'],
      }),
  })
  .check(({ value, issues }) => {
    const { token, channel, webhook_url: webhook, api_url: api } = value
    if (webhook !== undefined) {
      issues.push(...problem(addressProblem(webhook), ['webhook_url'], undefined))
      for (const other of ['token', 'channel', 'alerts_channel', 'api_url'] as const) {
        const isThere = value[other] !== undefined
        issues.push(
          ...problem(isThere ? `leave ${other} out: the webhook decides it` : undefined, [other], undefined),
        )
      }
      return
    }
    if (token === undefined) {
      issues.push(
        ...problem(
          'write the bot token, or a webhook_url in place of token and channel',
          ['token'],
          undefined,
        ),
      )
    } else if (api === undefined) {
      issues.push(...problem(tokenProblem(token), ['token'], undefined))
    }
    if (channel === undefined) issues.push(...problem('write the channel', ['channel'], undefined))
    if (api !== undefined) issues.push(...problem(addressProblem(api), ['api_url'], api))
  })

export type SlackOptions = z.output<typeof options>
