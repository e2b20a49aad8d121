import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isObject } from './json.ts'
import type { JsonObject } from './json.ts'
import { startSlack } from './slack.ts'
import type { SlackDouble } from './slack.ts'

let slack: SlackDouble
beforeEach(async () => void (slack = await startSlack({ clock: () => 1_700_000_000_000 })))
afterEach(() => slack.close())

const send = (method: string, args: Record<string, string> = {}, token: string | null = slack.token) =>
  fetch(slack.url + method, {
    method: 'POST',
    body: new URLSearchParams(args),
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    redirect: 'manual',
  })

async function json(response: Response): Promise<JsonObject> {
  const body: unknown = await response.json()
  if (!isObject(body)) throw new Error('not an object')
  return body
}

const call = async (method: string, args?: Record<string, string>, token?: string | null) =>
  json(await send(method, args, token))

const hello = { channel: 'C0000000001', text: 'hello' }

describe('chat.postMessage', () => {
  test('keeps the message as parsed from the form and answers with its ts', async () => {
    const blocks = [{ type: 'divider' }]
    const metadata = { event_type: 'user_registered', event_payload: { id: '1' } }
    const answer = await call('chat.postMessage', {
      ...hello,
      blocks: JSON.stringify(blocks),
      metadata: JSON.stringify(metadata),
    })
    expect(answer).toMatchObject({ ok: true, channel: 'C0000000001', ts: '1700000000.000000' })
    expect(slack.messages).toMatchObject([
      { channelName: 'signups', ts: answer['ts'], text: 'hello', blocks, metadata, via: 'api' },
    ])
  })

  test('takes a JSON body, and warns when it names no charset', async () => {
    const response = await fetch(`${slack.url}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...hello, blocks: [{ type: 'divider' }] }),
    })
    expect(await json(response)).toMatchObject({ ok: true, warning: 'missing_charset' })
    expect(slack.messages).toMatchObject([{ text: 'hello', blocks: [{ type: 'divider' }] }])
  })

  test('gives two messages of the same millisecond different ts', async () => {
    await call('chat.postMessage', hello)
    await call('chat.postMessage', { ...hello, channel: '#signups' })
    const stamps = slack.messages.map(({ ts }) => ts)
    expect(stamps).toEqual(['1700000000.000000', '1700000000.000001'])
  })

  test('cuts text at 40 000 characters without a word', async () => {
    expect(await call('chat.postMessage', { ...hello, text: 'x'.repeat(40_001) })).toMatchObject({ ok: true })
    expect(slack.messages[0]?.text).toHaveLength(40_000)
  })

  test.each([
    ['no channel', { text: 'x' }, 'invalid_arguments'],
    ['an unknown channel', { ...hello, channel: 'C9' }, 'channel_not_found'],
    ['a private channel by name', { ...hello, channel: '#private-not-joined' }, 'channel_not_found'],
    ['a channel it is not in', { ...hello, channel: 'C0000000003' }, 'not_in_channel'],
    ['an archived channel', { ...hello, channel: 'archived' }, 'is_archived'],
    ['no text', { channel: 'C0000000001', text: ' ' }, 'no_text'],
    ['blocks that are not JSON', { ...hello, blocks: '[' }, 'invalid_blocks_format'],
    ['blocks that break a limit', { ...hello, blocks: '[{"type":"nope"}]' }, 'invalid_blocks'],
    ['metadata without a payload', { ...hello, metadata: '{"event_type":"x"}' }, 'invalid_metadata_schema'],
  ])('with %s stores nothing', async (_name, args, error) => {
    expect(await call('chat.postMessage', args)).toMatchObject({ ok: false, error })
    expect(slack.messages).toEqual([])
  })

  test('refuses blocks whose text is too long in all', async () => {
    const text = { type: 'mrkdwn', text: 'x'.repeat(3000) }
    const blocks = JSON.stringify(Array.from({ length: 5 }, () => ({ type: 'section', text })))
    expect(await call('chat.postMessage', { ...hello, blocks })).toMatchObject({
      error: 'msg_blocks_too_long',
    })
  })
})

describe('access', () => {
  test('needs a token, and the right one', async () => {
    expect(await call('auth.test', {}, null)).toMatchObject({ error: 'not_authed' })
    expect(await call('auth.test', {}, 'xoxb-other')).toMatchObject({ error: 'invalid_auth' })
  })

  test('tells the scopes of the token in a header, to its bearer only', async () => {
    expect((await send('auth.test')).headers.get('x-oauth-scopes')).toContain('chat:write')
    expect((await send('auth.test', {}, 'xoxb-other')).headers.get('x-oauth-scopes')).toBeNull()
  })

  test('names the missing scope', async () => {
    await using other = await disposable(startSlack({ scopes: ['channels:read'] }))
    const response = await fetch(`${other.url}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.token}` },
      body: new URLSearchParams(hello),
    })
    const refusal = { error: 'missing_scope', needed: 'chat:write', provided: 'channels:read' }
    expect(await json(response)).toMatchObject(refusal)
  })

  test('knows no other method', async () => {
    expect(await call('chat.shout')).toMatchObject({ error: 'unknown_method', req_method: 'chat.shout' })
  })
})

describe('conversations', () => {
  test('are listed page by page, without private ones the bot is not in', async () => {
    const types = 'public_channel,private_channel'
    const first = await call('conversations.list', { limit: '3', types })
    const cursor = isObject(first['response_metadata'])
      ? String(first['response_metadata']['next_cursor'])
      : ''
    const second = await call('conversations.list', { limit: '3', types, cursor })
    expect(first['channels']).toMatchObject([
      { name: 'signups' },
      { name: 'general' },
      { name: 'not-joined' },
    ])
    expect(second['channels']).toMatchObject([{ name: 'archived', is_archived: true }])
    expect(second['response_metadata']).toMatchObject({ next_cursor: '' })
  })

  test('tell whether the bot is a member', async () => {
    expect(await call('conversations.info', { channel: 'C0000000001' })).toMatchObject({
      channel: { is_member: true },
    })
    expect(await call('conversations.info', { channel: 'C0000000004' })).toMatchObject({
      channel: { is_member: false },
    })
    expect(await call('conversations.info', { channel: 'C0000000003' })).toMatchObject({
      error: 'channel_not_found',
    })
  })

  test('show their history newest first, with metadata only when asked', async () => {
    const metadata = { event_type: 'x', event_payload: { id: '1' } }
    await call('chat.postMessage', { ...hello, metadata: JSON.stringify(metadata) })
    await call('chat.postMessage', { ...hello, text: 'later' })
    const channel = hello.channel
    const bare = await call('conversations.history', { channel })
    expect(bare['messages']).toMatchObject([{ text: 'later' }, { text: 'hello' }])
    expect(JSON.stringify(bare)).not.toContain('event_type')
    const full = await call('conversations.history', { channel, include_all_metadata: 'true' })
    expect(full['messages']).toMatchObject([{}, { metadata }])
  })
})

describe('the incoming webhook', () => {
  test('answers in words and posts to the first channel', async () => {
    const post = (body: string, url = slack.webhookUrl) => fetch(url, { method: 'POST', body })
    const words = await Promise.all(
      [post('{"text":"hi"}'), post('nope'), post('{}'), post('{"text":"x"}', `${slack.webhookUrl}x`)].map(
        async (answer) => `${(await answer).status} ${await (await answer).text()}`,
      ),
    )
    expect(words).toEqual(['200 ok', '400 invalid_payload', '400 no_text', '404 no_service'])
    expect(slack.messages).toMatchObject([{ channel: 'C0000000001', text: 'hi', via: 'webhook' }])
  })

  test('gives a commanded error its HTTP status', async () => {
    slack.misbehave({ kind: 'error', error: 'channel_is_archived', path: '/services/' })
    const response = await fetch(slack.webhookUrl, { method: 'POST', body: '{"text":"x"}' })
    expect([response.status, await response.text()]).toEqual([410, 'channel_is_archived'])
  })
})

describe('misbehaviour', () => {
  test('answers 429 with the given Retry-After, then behaves', async () => {
    slack.misbehave({ kind: 'rate-limit', retryAfter: 7, times: 1 })
    const limited = await send('chat.postMessage', hello)
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await json(limited)).toEqual({ ok: false, error: 'ratelimited' })
    expect(await call('chat.postMessage', hello)).toMatchObject({ ok: true })
    expect(slack.messages).toHaveLength(1)
  })

  test('touches only the path it is meant for, until stopped', async () => {
    const handle = slack.misbehave({ kind: 'error', error: 'fatal_error', path: 'chat.postMessage' })
    expect(await call('auth.test')).toMatchObject({ ok: true })
    expect(await call('chat.postMessage', hello)).toMatchObject({ ok: false, error: 'fatal_error' })
    handle.stop()
    expect(await call('chat.postMessage', hello)).toMatchObject({ ok: true })
  })

  test.each([
    ['before the headers', { kind: 'cut', at: 'before-headers' }],
    ['in the body', { kind: 'cut', at: 'mid-body' }],
  ] as const)('cuts the connection %s, and can store the message first', async (_name, fault) => {
    slack.misbehave({ ...fault, times: 1 })
    await expect(call('chat.postMessage', hello)).rejects.toThrow(/fetch failed|terminated/)
    expect(slack.messages).toHaveLength(0)
    slack.misbehave({ ...fault, times: 1, afterEffect: true })
    await expect(call('chat.postMessage', hello)).rejects.toThrow(/fetch failed|terminated/)
    expect(slack.messages).toHaveLength(1)
  })

  test('hangs until closed', async () => {
    slack.misbehave({ kind: 'hang' })
    const answer = send('chat.postMessage', hello).then(
      () => 'answered',
      () => 'cut',
    )
    await expect.poll(() => slack.requests.length).toBe(1)
    await slack.close()
    expect(await answer).toBe('cut')
  })

  test('stalls in the middle of the body until closed', async () => {
    slack.misbehave({ kind: 'stall', afterEffect: true })
    const reader = (await send('chat.postMessage', hello)).body?.getReader()
    const first = await reader?.read()
    expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^\{"ok":true/)
    await slack.close()
    await expect(reader?.read()).rejects.toThrow(/terminated/)
    expect(slack.messages).toHaveLength(1)
  })

  test('redirects, answers HTML with 200, nothing at all, or any status', async () => {
    slack.misbehave({ kind: 'redirect', to: 'http://127.0.0.1:9/', times: 1 })
    slack.misbehave({ kind: 'html', times: 1 })
    slack.misbehave({ kind: 'empty', times: 1 })
    slack.misbehave({
      kind: 'status',
      status: 503,
      body: { a: 1 },
      headers: { 'retry-after': '3' },
      times: 1,
    })
    const redirect = await send('auth.test')
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/'])
    const html = await send('auth.test')
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await (await send('auth.test')).text()).toBe('')
    const down = await send('auth.test')
    expect([down.status, down.headers.get('retry-after'), await down.text()]).toEqual([503, '3', '{"a":1}'])
  })

  test('keeps every request, and reset forgets them all', async () => {
    slack.misbehave({ kind: 'html' })
    await send('chat.postMessage', hello)
    expect(slack.requests).toMatchObject([
      { method: 'POST', path: '/api/chat.postMessage', body: 'channel=C0000000001&text=hello' },
    ])
    slack.reset()
    expect(slack.requests).toEqual([])
    expect(await call('auth.test')).toMatchObject({ ok: true })
  })
})

async function disposable<Part extends { close(): Promise<void> }>(starting: Promise<Part>) {
  const part = await starting
  return { ...part, [Symbol.asyncDispose]: () => part.close() }
}
