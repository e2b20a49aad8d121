import { connectPlugin, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import slack from './index.ts'
import { formOf, problemsOf, webhookProblems } from './test-support.ts'

const NAMES: Readonly<Record<string, string>> = {
  'a mention of all': '<!channel> <!here> <!everyone>',
  'a mention of one': '<@U1> <@W1|boss> <#C1> <!subteam^S1>',
  'a link': '<https://evil.example|Reset your password>',
  'a date link': '<!date^1^{date}^https://evil.example|now>',
  'an entity': '&lt;!channel&gt; &amp;lt; &#60;!channel&#62;',
  'a mention cut by zero-width characters': '<\u200B!\u200Dchan\uFEFFnel>',
  'turned around': '\u202Egnp.exe\u202C \u2066x\u2069 \u200F',
  'control characters': 'Ada\r\nBcc: evil\u0000\u001B[31m\u0085\u2028\u2029',
  mrkdwn: '*bold* _it_ ~struck~ `code` ```block``` *',
  'a quote': '> quoted\n>>> all of it',
  'ten thousand bytes of emoji': '😀'.repeat(2_500),
  'ten thousand live characters': '<&>*'.repeat(2_500),
  'half a character': 'Ada\uD83D',
  'a tag': 'Ada\u{E0041}\u{E007F}',
  'nothing visible': '\u3164\u200B',
  JSON: '"}],"blocks":[{"type":"divider"}],"x":["',
  Liquid: '{{ user.email }} {% raw %}',
}

const mrkdwn = { type: 'mrkdwn', text: '*{{ user.name }}*, {{ user.email }}' }
const plain = { type: 'plain_text', text: '{{ user.name }} of {{ context.connection.name }}' }
const BLOCKS = [
  { type: 'header', text: plain },
  { type: 'section', text: mrkdwn, fields: [mrkdwn, plain] },
  { type: 'context', elements: [mrkdwn, plain] },
  {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: 'a',
        text: plain,
        url: 'https://x.example/{{ user.id }}',
        value: '{{ user.name }}',
      },
    ],
  },
  { type: 'image', image_url: 'https://x.example/{{ user.id }}.png', alt_text: '{{ user.name }}' },
]
const MESSAGES: Readonly<Record<string, object>> = {
  'the default message': {},
  'a text': { text: '{{ user.name }} ({{ user.email }}) of {{ user.tenant }}' },
  blocks: { blocks: BLOCKS },
  'a Markdown block': { blocks: [{ type: 'markdown', text: '{{ user.name }} {{ user.email }}' }] },
}

const API = { token: 'xoxb-1', channel: 'C0123456789' }
const WEBHOOK = { webhook_url: 'https://hooks.slack.com/services/T0/B0/x' }

/** Every string that stands in it. */
const strings = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

const OURS = /<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[\d :-]+ UTC>/g
// Between words, where Slack would format; the operator's own stars stand alone around a value.
const FORMATTING = /(?<![\p{L}\p{N}])[_~`](?=\S)|\*(?:bold|it)\*/u

/** What the API or a webhook was sent, as values and not as text. */
const sentBy = async (
  options: object,
  act: (connector: Awaited<ReturnType<typeof connectPlugin>>) => unknown,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const sent: Record<string, unknown>[] = []
  const fetch: typeof globalThis.fetch = async (...args) => {
    const request = new Request(...args)
    const body = await request.text()
    const isWebhook = request.url.includes('/services/')
    const form: Record<string, unknown> = isWebhook
      ? JSON.parse(body)
      : Object.fromEntries(new URLSearchParams(body))
    expect(isWebhook ? webhookProblems(form) : problemsOf('chat.postMessage', formOf(form))).toEqual([])
    const opened = Object.entries(form).map(([key, value]) => [
      key,
      typeof value === 'string' && ['blocks', 'metadata'].includes(key) ? JSON.parse(value) : value,
    ])
    sent.push(Object.fromEntries(opened))
    return isWebhook ? new Response('ok') : Response.json({ ok: true, channel: 'C0123456789', ts: '1.2' })
  }
  await act(await connectPlugin(slack, options, testServices({ fetch })))
  return sent
}

const expectDead = (sent: readonly Readonly<Record<string, unknown>>[]): void => {
  for (const { text, blocks, metadata, ...flags } of sent) {
    for (const shown of strings([text, blocks]).map((each) => each.replaceAll(OURS, ''))) {
      expect(shown).not.toMatch(/[<>]/)
      // In an address & stands for itself.
      expect(shown).toMatch(/^https:|^(?:[^&]|&(?:amp|lt|gt);)*$/)
      // Operators' own line breaks are all that is left of control and format characters.
      expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u)
      expect(shown.isWellFormed()).toBe(true)
    }
    expect(String(text)).not.toMatch(FORMATTING)
    for (const found of mrkdwnIn(blocks)) expect(found).not.toMatch(FORMATTING)
    expect(JSON.stringify(metadata ?? '')).toMatch(/^(?:""|[\w{}":,-]*)$/)
    expect(flags).toMatchObject({ parse: 'none' })
    for (const flag of ['link_names', 'unfurl_links', 'unfurl_media'])
      expect(String(flags[flag])).toBe('false')
  }
}

const mrkdwnIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return []
  const own = 'type' in value && value.type === 'mrkdwn' && 'text' in value ? [String(value.text)] : []
  return [...own, ...Object.values(value).flatMap(mrkdwnIn)]
}

const eventOf = (name: string) =>
  sampleEvent({
    user: {
      id: name,
      name,
      givenName: name,
      familyName: name,
      email: name,
      username: name,
      tenant: name,
      phone: name,
    },
    context: { connection: { name, tenant: name } },
  })

describe.each(Object.entries(NAMES))('%s as a name', (_what, name) => {
  const event = eventOf(name)
  const items = [1, 2, 3].map((n) => ({ ...testRun({ idempotencyKey: `key-${n}` }), event }))

  describe.each([
    ['the API', API],
    ['a webhook', WEBHOOK],
  ])('through %s', (_way, destination) => {
    test.each(Object.entries(MESSAGES))('is dead in %s, and in a digest of it', async (_kind, over) => {
      const options = { ...destination, ...over }
      const alone = await sentBy(options, (connector) => connector.postUserRegistration?.(event, testRun()))
      const digest = await sentBy(options, (connector) =>
        connector.postUserRegistrationBatch?.(items, testRun()),
      )
      expect([alone.length, digest.length]).toEqual([1, 1])
      expectDead([...alone, ...digest])
    })

    test('is dead in an alert', async () => {
      const notice = { title: `crm: ${name}`, text: `${name}\nWhat to do: ${name}`, faults: [] }
      const sent = await sentBy(destination, (connector) => connector.notify?.(notice, testRun()))
      expect(sent).toHaveLength(1)
      expectDead(sent)
    })
  })
})
