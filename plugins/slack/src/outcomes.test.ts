import { createTestOnSignup, type TestOnSignup } from '@onsignup/core/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { PLATFORM } from './errors.ts'
import slack from './index.ts'

const API = { token: 'xoxb-1', channel: 'C0123456789' }
const BY_EVENT = { token: 'xoxb-1', channel: '{% if user.id %}C0123456789{% endif %}' }
const WEBHOOK = { webhook_url: 'https://hooks.slack.com/services/T0/B0/x' }

afterEach(() => {
  vi.unstubAllGlobals()
})

type Answer = () => Response

const answers =
  (status: number, body: string | object, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
const refuses = (error: string): Answer => answers(200, { ok: false, error })
const breaks =
  (code: string): Answer =>
  () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('broken'), { code }) })
  }

/** What the operator sees after one attempt: the state, milliseconds until the next, counted tries. */
const afterOne = async (answer: Answer, options: object = API, settings: object = {}) => {
  vi.stubGlobal('fetch', async () => answer())
  const onsignup = createTestOnSignup().use('team', slack, { with: options, ...settings })
  await onsignup.publish({ user: { id: '1' } })
  const seen = await lookAt(onsignup)
  await onsignup.close()
  return seen
}

/** Lets time pass until there was another attempt: the limits of Slack's rate start empty. */
const lookAt = async (onsignup: TestOnSignup, attempts = 1): Promise<string> => {
  const [delivery] = await onsignup.deliveries()
  const last = delivery?.attempts[attempts - 1]
  if (delivery === undefined || last === undefined) {
    await onsignup.clock.advance(10)
    await onsignup.drain()
    return lookAt(onsignup, attempts)
  }
  const wait = delivery.due === null ? 'over' : `${Math.max(0, delivery.due - last.at)} ms`
  return `${delivery.state}, ${wait}, ${delivery.tries} tries`
}

const words = (codes: string): readonly string[] => codes.split(/\s+/)

/** Slack's codes, by row of what they mean: to the API, and where the channel comes from the event. */
const ROWS: readonly (readonly [string, string, readonly string[]])[] = [
  ['waiting, 30000 ms, 0 tries', 'waiting, 30000 ms, 0 tries', words('ratelimited rate_limited')],
  ['waiting, 3600000 ms, 1 tries', 'waiting, 3600000 ms, 1 tries', words('message_limit_exceeded')],
  [
    'waiting, 1000 ms, 1 tries',
    'waiting, 1000 ms, 1 tries',
    words('service_unavailable request_timeout team_added_to_org org_login_required'),
  ],
  ['waiting, 3000 ms, 0 tries', 'waiting, 3000 ms, 0 tries', words('fatal_error internal_error')],
  [
    'parked, 0 ms, 0 tries',
    'parked, 0 ms, 0 tries',
    words(`invalid_auth not_authed account_inactive token_revoked token_expired missing_scope no_permission
      not_allowed_token_type access_denied accesslimited ekm_access_denied enterprise_is_restricted
      team_access_not_granted two_factor_setup_required deprecated_endpoint method_deprecated as_user_not_supported
      metadata_must_be_sent_from_app unknown_method`),
  ],
  [
    'parked, 0 ms, 0 tries',
    'dead, over, 0 tries',
    words(`channel_not_found not_in_channel is_archived team_not_found messages_tab_disabled restricted_action
      restricted_action_read_only_channel restricted_action_thread_only_channel
      restricted_action_non_threadable_channel restricted_action_thread_locked slack_connect_canvas_sharing_blocked
      slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked slack_connect_clip_sharing_blocked
      slack_connect_blocked_file_type`),
  ],
  [
    'dead, over, 0 tries',
    'dead, over, 0 tries',
    words(`no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments
      too_many_attachments too_many_contact_cards attachment_payload_limit_exceeded invalid_arguments invalid_arg_name
      invalid_array_arg invalid_charset invalid_form_data invalid_post_type missing_post_type invalid_metadata_format
      invalid_metadata_schema metadata_too_large markdown_text_conflict cannot_reply_to_message missing_file_data`),
  ],
]

describe("after one of Slack's codes a delivery is", () => {
  const cases = ROWS.flatMap(([fixed, byEvent, codes]) =>
    codes.map((code) => [code, fixed, byEvent] as const),
  )

  test('told for every code that is listed', () => {
    expect(cases.map(([code]) => code).toSorted()).toEqual([...PLATFORM.keys()].toSorted())
  })

  test.each(cases)('%s: %s; by the event: %s', async (code, fixed, byEvent) => {
    expect(await afterOne(refuses(code))).toBe(fixed)
    expect(await afterOne(refuses(code), BY_EVENT)).toBe(byEvent)
  })
})

describe('after one answer a delivery is', () => {
  const seven = { 'retry-after': '7' }
  test.each<[string, Answer, object, string]>([
    ['429 with a time', answers(429, '', seven), API, 'waiting, 7000 ms, 0 tries'],
    ['429 without', answers(429, ''), API, 'waiting, 60000 ms, 0 tries'],
    ['503', answers(503, ''), API, 'waiting, 1000 ms, 1 tries'],
    ['500', answers(500, ''), API, 'waiting, 1000 ms, 1 tries'],
    ['404', answers(404, ''), API, 'parked, 0 ms, 0 tries'],
    ['a page', answers(200, '<html>'), API, 'waiting, 3000 ms, 0 tries'],
    ...words('ECONNREFUSED ENOTFOUND EAI_AGAIN ENETUNREACH EHOSTUNREACH UND_ERR_CONNECT_TIMEOUT').map(
      (code) => [code, breaks(code), API, 'waiting, 1000 ms, 1 tries'] as [string, Answer, object, string],
    ),
    ...words('UND_ERR_SOCKET ECONNRESET EPIPE UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT').map(
      (code) => [code, breaks(code), API, 'waiting, 3000 ms, 0 tries'] as [string, Answer, object, string],
    ),
    ...words('CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID ERR_INVALID_URL').map(
      (code) => [code, breaks(code), API, 'parked, 0 ms, 0 tries'] as [string, Answer, object, string],
    ),
    ['400 of a webhook', answers(400, 'invalid_payload'), WEBHOOK, 'dead, over, 0 tries'],
    ['403 of a webhook', answers(403, 'action_prohibited'), WEBHOOK, 'parked, 0 ms, 0 tries'],
    ['404 of a webhook', answers(404, 'no_service'), WEBHOOK, 'parked, 0 ms, 0 tries'],
    ['410 of a webhook', answers(410, 'channel_is_archived'), WEBHOOK, 'parked, 0 ms, 0 tries'],
    ['429 of a webhook', answers(429, '', seven), WEBHOOK, 'waiting, 7000 ms, 0 tries'],
    ['500 of a webhook', answers(500, ''), WEBHOOK, 'waiting, 1000 ms, 1 tries'],
    [
      '500 of a webhook that may have posted',
      answers(500, 'rollup_error'),
      WEBHOOK,
      'waiting, 1000 ms, 0 tries',
    ],
    ['a webhook that breaks', breaks('ECONNRESET'), WEBHOOK, 'waiting, 1000 ms, 0 tries'],
  ])('%s', async (_what, answer, options, expected) => {
    expect(await afterOne(answer, options)).toBe(expected)
  })

  test('held where the answer is lost and on_unknown says so', async () => {
    expect(await afterOne(breaks('ECONNRESET'), API, { on_unknown: 'hold' })).toBe('unknown, over, 0 tries')
  })
})

test('a code that nobody listed is tried three times, and stays in the history', async () => {
  vi.stubGlobal('fetch', async () => refuses('a_code_of_tomorrow')())
  const onsignup = createTestOnSignup().use('team', slack, { with: API })
  await onsignup.publish({ user: { id: '1' } })
  const seen: string[] = []
  for (const attempts of [1, 2, 3]) seen.push(await lookAt(onsignup, attempts))
  expect(seen).toEqual(['waiting, 1000 ms, 1 tries', 'waiting, 2000 ms, 2 tries', 'dead, over, 2 tries'])
  const [delivery] = await onsignup.deliveries()
  expect(delivery?.attempts.map(({ outcome, code }) => `${outcome} ${code}`)).toEqual([
    'retry a_code_of_tomorrow',
    'retry a_code_of_tomorrow',
    'rejected a_code_of_tomorrow',
  ])
  await onsignup.close()
})

test('a connector whose scope is missing burns no try, says which, and goes on when it is given', async () => {
  let isMended = false
  vi.stubGlobal('fetch', async () =>
    isMended
      ? Response.json({ ok: true, channel: 'C0123456789', ts: '1.2' })
      : Response.json({ ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'users:read' }),
  )
  const parked: string[] = []
  const onsignup = createTestOnSignup().use('team', slack, { with: API, retry: { max_attempts: 1 } })
  onsignup.on('parked', ({ parked: { reason, mend } }) => parked.push(`${reason} → ${mend}`))
  for (const id of ['1', '2', '3']) await onsignup.publish({ user: { id } })
  for (let minutes = 0; minutes < 30; minutes += 5) {
    await onsignup.clock.advance('5m')
    await onsignup.drain()
  }
  const states = async () => (await onsignup.deliveries()).map(({ state, tries }) => `${state} ${tries}`)
  expect(await states()).toEqual(['parked 0', 'parked 0', 'parked 0'])
  expect(parked).toEqual([expect.stringMatching(/missing_scope → give the app the scope chat:write /)])
  isMended = true
  await onsignup.clock.advance('5m')
  await onsignup.drain()
  await onsignup.clock.advance('1m')
  await onsignup.drain()
  expect(await states()).toEqual(['delivered 0', 'delivered 0', 'delivered 0'])
  await onsignup.close()
})
