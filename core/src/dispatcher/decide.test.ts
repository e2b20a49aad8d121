import { expect, test } from 'vitest'
import type { ConfiguredConnector } from '../connector.ts'
import {
  delivered,
  misconfigured,
  rejected,
  retry,
  skipped,
  throttled,
  unknown,
  type Outcome,
} from '../outcome.ts'
import { createRedact } from '../secrets.ts'
import { resolveSettings, type Settings } from '../settings.ts'
import type { Claim, Parked } from '../store/port.ts'
import { sampleEvent } from '../testing/fakes.ts'
import { decide, type Circumstances } from './decide.ts'

const NOW = 1_000_000_000
const HOUR = 3_600_000
const NO_COUNTS = { tries: 0, unknowns: 0, strikes: 0, failingSince: null }

const claimOf = (changes: Partial<Claim> = {}): Claim => ({
  delivery: 7,
  run: 3,
  event: sampleEvent(),
  generation: 0,
  suspect: false,
  alone: false,
  ...NO_COUNTS,
  ...changes,
})

interface Around extends Partial<Omit<Circumstances, 'connector'>> {
  readonly settings?: Settings
  readonly repeats?: ConfiguredConnector['repeats']
}

const after = (outcome: Outcome, claim: Partial<Claim> = {}, around: Around = {}) => {
  const { settings, repeats = 'harmful', ...circumstances } = around
  return decide(claimOf(claim), outcome, {
    connector: {
      name: 'team',
      keyName: 'team',
      uses: 'hello',
      connector: { postUserRegistration() {} },
      settings: resolveSettings(settings),
      repeats,
      pace: [],
      limits: null,
      condition: () => true,
    },
    row: 1,
    startedAt: NOW - 250,
    now: NOW,
    random: () => 0.5,
    redact: (text) => text,
    sent: undefined,
    parked: null,
    isCanary: false,
    silences: 0,
    released: null,
    othersSucceed: false,
    stopping: false,
    ...circumstances,
  })
}

const PARKED: Parked = { since: NOW - HOUR, code: 'auth', reason: 'old', mend: null, probeAt: NOW - 1 }

test.each([
  ['delivered', delivered(), 'delivered', NO_COUNTS, NOW],
  ['skipped', skipped('nobody'), 'skipped', NO_COUNTS, NOW],
  ['rejected', rejected('no'), 'dead', NO_COUNTS, NOW],
  ['retry', retry('no'), 'open', { ...NO_COUNTS, tries: 1, failingSince: NOW }, NOW + 1_000],
  ['throttled', throttled('slow'), 'open', NO_COUNTS, NOW + 30_000],
  ['misconfigured', misconfigured('no'), 'open', NO_COUNTS, NOW],
  ['unknown', unknown('lost'), 'open', { ...NO_COUNTS, unknowns: 1 }, NOW + 1_000],
] as const)('%s: the state, what is counted, and when it is due', (_kind, outcome, state, counts, due) => {
  expect(after(outcome)).toMatchObject({ delivery: 7, run: 3, state, counts, due })
})

test('what waits for a gate goes by its age when that opens, but for the one that tested it', () => {
  const receivedAt = new Date(NOW - HOUR).toISOString()
  const claim = { event: { ...sampleEvent(), receivedAt } }
  const parkedDue = (around: Around) => after(misconfigured('no'), claim, around).due
  expect(parkedDue({})).toBe(NOW - HOUR)
  expect(parkedDue({ parked: PARKED })).toBe(NOW - HOUR)
  expect(parkedDue({ parked: PARKED, isCanary: true })).toBe(NOW)
})

test('what was counted before stays counted whatever comes next', () => {
  const counts = { tries: 4, unknowns: 1, strikes: 2, failingSince: NOW - HOUR }
  for (const outcome of [delivered(), skipped('x'), rejected('x'), throttled('x')]) {
    expect(after(outcome, counts).counts).toEqual(counts)
  }
})

test('the history says when, how long, what and why', () => {
  expect(after(delivered('ts 1')).attempt).toEqual({
    run: 3,
    at: NOW - 250,
    ms: 250,
    outcome: 'delivered',
    code: null,
    detail: 'ts 1',
  })
  expect(after(rejected('no', { code: 'E1', cause: new Error('because') })).attempt).toMatchObject({
    outcome: 'rejected',
    code: 'E1',
    detail: 'no: because',
  })
  expect(after(skipped('nobody'))).toMatchObject({ reason: 'nobody', attempt: { detail: 'nobody' } })
  expect(after(delivered()).attempt.detail).toBeNull()
})

test('a clock that was set back gives no negative duration', () => {
  expect(after(delivered(), {}, { startedAt: NOW + 5_000 }).attempt.ms).toBe(0)
})

test('no secret is in what is stored, wherever the failure carried it', () => {
  const secret = 'very-secret'
  const options = { code: secret, mend: `mend ${secret}`, cause: new Error(secret) }
  const redact = createRedact([secret])
  const settlements = [
    after(misconfigured(`no ${secret}`, options), {}, { redact }),
    after(retry(`no ${secret}`, options), {}, { redact }),
    after(rejected(`no ${secret}`, options), {}, { redact }),
    after(skipped(secret), {}, { redact }),
    after(delivered(secret), {}, { redact }),
  ]
  expect(JSON.stringify(settlements)).not.toContain(secret)
})

test('the last of max_attempts is dead, and says after how many', () => {
  const settings = { retry: { max_attempts: 3 } }
  expect(after(retry('no'), { tries: 1, failingSince: NOW }, { settings }).state).toBe('open')
  expect(after(retry('no'), { tries: 2, failingSince: NOW }, { settings })).toMatchObject({
    state: 'dead',
    counts: { tries: 3 },
    reason: 'given up after 3 tries: no',
  })
})

test('max_age runs from the first counted failure', () => {
  const settings = { retry: { max_age: '1h' } }
  const aged = (failingSince: number | null) => after(retry('no'), { tries: 1, failingSince }, { settings })
  expect(aged(NOW - HOUR + 1)).toMatchObject({ state: 'open', counts: { failingSince: NOW - HOUR + 1 } })
  expect(aged(NOW - HOUR)).toMatchObject({ state: 'dead', reason: 'given up after 1h: no' })
  expect(aged(null), 'an event that is old fails for the first time').toMatchObject({
    state: 'open',
    counts: { failingSince: NOW },
  })
})

test('max_age is read on counted failures only', () => {
  const old = { tries: 1, failingSince: NOW - 100 * HOUR }
  for (const outcome of [throttled('slow'), misconfigured('no'), unknown('lost')]) {
    expect(after(outcome, old, { settings: { retry: { max_age: '1h' } } }).state).toBe('open')
  }
})

test.each([
  ['longer than the backoff', 60_000, 60_000],
  ['shorter than the backoff', 10, 1_000],
  ['not whole', 5_000.2, 5_001],
  ['no number', Number.NaN, 1_000],
  ['endless', Number.POSITIVE_INFINITY, 1_000],
  ['negative', -5_000, 1_000],
  ['30 days', 30 * 24 * HOUR, 24 * HOUR],
])('a retry waits at least as long as the far side asks: %s', (_what, asked, wait) => {
  expect(after(retry('no', { after: asked })).due).toBe(NOW + wait)
  expect(after(unknown('no', { after: asked })).due).toBe(NOW + wait)
})

test.each([
  [60_000, 60_000],
  [0, 0],
  [undefined, 30_000],
  [48 * HOUR, 24 * HOUR],
  [1.5, 2],
  [Number.NaN, 30_000],
  [-1, 0],
])('a throttled delivery waits what the far side says, %d ms, and at most a day', (asked, wait) => {
  const outcome = throttled('slow', asked === undefined ? {} : { after: asked })
  expect(after(outcome)).toMatchObject({
    state: 'open',
    due: NOW + wait,
    counts: NO_COUNTS,
    gate: { connector: 1, throttledUntil: NOW + wait },
  })
})

test('with pause: false only the delivery itself waits', () => {
  expect(after(throttled('slow', { after: 5_000, pause: false }))).toMatchObject({
    due: NOW + 5_000,
    gate: null,
  })
})

test('a lost answer is tried again as often as unknown_repeats says, then rests', () => {
  const settings = { unknown_repeats: 2 }
  expect(after(unknown('lost'), { unknowns: 1 }, { settings })).toMatchObject({
    state: 'open',
    counts: { unknowns: 2, tries: 0, failingSince: null },
  })
  expect(after(unknown('lost'), { unknowns: 2 }, { settings })).toMatchObject({
    state: 'unknown',
    reason: 'lost',
    counts: { unknowns: 3 },
  })
  expect(after(unknown('lost'), {}, { settings: { unknown_repeats: 0 } }).state).toBe('unknown')
})

test('held, a lost answer is not tried again at all', () => {
  expect(after(unknown('lost'), {}, { settings: { on_unknown: 'hold', unknown_repeats: 5 } }).state).toBe(
    'unknown',
  )
})

test.each(['hold', 'retry'] as const)(
  'where a repeat is harmless a lost answer is a retry (on_unknown: %s)',
  (on_unknown) => {
    const settings = { on_unknown, retry: { max_attempts: 2 } }
    expect(after(unknown('lost'), {}, { repeats: 'harmless', settings })).toMatchObject({
      state: 'open',
      counts: { tries: 1, unknowns: 0, failingSince: NOW },
    })
    expect(after(unknown('lost'), { tries: 1 }, { repeats: 'harmless', settings }).state).toBe('dead')
  },
)

test('a misconfiguration closes the gate, with all that the operator needs', () => {
  expect(
    after(misconfigured('token revoked', { code: 'token_revoked', mend: 'make a new one' })),
  ).toMatchObject({
    state: 'open',
    due: NOW,
    gate: {
      connector: 1,
      parked: {
        since: NOW,
        code: 'token_revoked',
        reason: 'token revoked',
        mend: 'make a new one',
        probeAt: NOW + 300_000,
      },
    },
  })
})

test('another misconfiguration behind a closed gate keeps the beginning of the episode', () => {
  expect(after(misconfigured('still'), {}, { parked: PARKED }).gate?.parked).toMatchObject({
    since: PARKED.since,
    reason: 'still',
    probeAt: NOW + 300_000,
  })
})

test.each([
  ['delivered', delivered(), null],
  ['rejected', rejected('no such channel'), null],
  ['throttled', throttled('slow'), null],
  ['retry', retry('down'), { ...PARKED, probeAt: NOW + 300_000 }],
  ['unknown', unknown('lost'), { ...PARKED, probeAt: NOW + 300_000 }],
  ['skipped', skipped('its if is false'), undefined],
  ['rejected by a template', rejected('fails on this event', { code: 'template' }), undefined],
] as const)(
  'a canary that is %s opens the gate, keeps it, or has tested nothing',
  (_what, outcome, parked) => {
    expect(after(outcome, {}, { parked: PARKED, isCanary: true }).gate?.parked).toEqual(parked)
  },
)

test('only the canary opens a closed gate', () => {
  for (const outcome of [delivered(), rejected('no'), retry('no'), skipped('no')]) {
    expect(after(outcome, {}, { parked: PARKED, isCanary: false }).gate).toBeNull()
  }
})

test('an open gate is not written again', () => {
  for (const outcome of [delivered(), retry('no'), unknown('no'), rejected('no')]) {
    expect(after(outcome).gate).toBeNull()
  }
})

test('a delivery strikes when it alone closes the gate, and the third time it is dead and the gate stays open', () => {
  const alone = { othersSucceed: true }
  expect(after(misconfigured('no'), { strikes: 0 }, alone)).toMatchObject({
    state: 'open',
    counts: { strikes: 1 },
  })
  expect(after(misconfigured('no'), { strikes: 2 }, alone)).toMatchObject({
    state: 'dead',
    counts: { strikes: 3 },
    reason: expect.stringMatching(/^it alone was refused as misconfigured 3 times .*: no$/),
    gate: null,
  })
})

test('it does not strike while others fail too, nor behind a closed gate', () => {
  expect(after(misconfigured('no'), { strikes: 2 }).counts.strikes).toBe(2)
  expect(after(misconfigured('no'), { strikes: 2 }, { othersSucceed: true, parked: PARKED })).toMatchObject({
    state: 'open',
    counts: { strikes: 2 },
  })
})

test.each([
  ['retry', retry('cut'), {}],
  ['unknown, tried again', unknown('cut'), {}],
  ['unknown, harmless', unknown('cut'), { repeats: 'harmless', settings: { on_unknown: 'hold' } }],
] as const)('nothing is counted of what the stop cut: %s', (_what, outcome, around) => {
  const counts = { tries: 11, unknowns: 1, strikes: 1, failingSince: NOW - 100 * HOUR }
  expect(after(outcome, counts, { ...around, stopping: true })).toMatchObject({
    state: 'open',
    due: NOW,
    counts,
  })
})

test('what the stop cut after it was sent is told to the next attempt, what was not sent is not', () => {
  expect(after(unknown('cut'), {}, { stopping: true }).suspect).toBe(true)
  expect(after(retry('not sent'), {}, { stopping: true }).suspect).toBe(false)
})

test('what the far side asked for is kept over a stop', () => {
  expect(after(retry('busy', { after: 60_000 }), {}, { stopping: true }).due).toBe(NOW + 60_000)
})

test('held, what the stop cut is unknown, since it may have been delivered', () => {
  expect(after(unknown('cut'), {}, { settings: { on_unknown: 'hold' }, stopping: true }).state).toBe(
    'unknown',
  )
})

test('what ended by itself while the engine stops is what it is', () => {
  expect(after(delivered(), {}, { stopping: true }).state).toBe('delivered')
  expect(after(rejected('no'), {}, { stopping: true }).state).toBe('dead')
})

test('what people read says what to do', () => {
  const failure = rejected('no such field', { mend: 'correct fields' })
  expect(after(failure)).toMatchObject({
    reason: 'no such field → correct fields',
    attempt: { detail: 'no such field' },
  })
})

test('a failure ages from the release of the gate that held it back', () => {
  const old = { tries: 1, failingSince: NOW - 90 * HOUR }
  expect(after(retry('no'), old, { released: NOW - HOUR }).counts.failingSince).toBe(NOW)
  expect(after(retry('no'), old, { parked: PARKED, isCanary: true })).toMatchObject({
    state: 'open',
    counts: { tries: 2, failingSince: NOW },
  })
  const since = { tries: 1, failingSince: NOW - HOUR }
  expect(after(retry('no'), since, { released: NOW - 2 * HOUR }).counts).toEqual({
    ...NO_COUNTS,
    tries: 2,
    failingSince: NOW - HOUR,
  })
})

test('the fifth attempt in a row without an answer closes the gate, unless it is closed or the engine stops', () => {
  const silence = retry('down', { code: 'ECONNREFUSED' })
  expect(after(silence, {}, { silences: 4 }).gate).toBeNull()
  expect(after(silence, {}, { silences: 5 }).gate).toEqual({
    connector: 1,
    parked: {
      since: NOW,
      code: 'failing',
      reason: '5 attempts in a row got no answer (ECONNREFUSED)',
      mend: expect.stringContaining('one delivery a minute'),
      probeAt: NOW + 60_000,
    },
  })
  expect(after(silence, {}, { silences: 5, parked: PARKED }).gate).toBeNull()
  expect(after(silence, {}, { silences: 5, stopping: true }).gate).toBeNull()
})

test.each(['harmful', 'harmless'] as const)(
  'a canary that finds a silent far side silent counts nothing for what is safe to repeat (%s)',
  (repeats) => {
    const failing = { ...PARKED, code: 'failing' }
    const canary = { parked: failing, isCanary: true, repeats, silences: 6 }
    const silence = retry('down', { code: 'ECONNREFUSED' })
    expect(after(silence, {}, canary)).toMatchObject({
      state: 'open',
      due: NOW,
      counts: NO_COUNTS,
      gate: { parked: { ...failing, probeAt: NOW + 60_000 } },
    })
    const lost = after(unknown('lost'), {}, canary)
    expect(lost.counts.unknowns).toBe(repeats === 'harmful' ? 1 : 0)
    expect(after(retry('HTTP 500'), {}, canary).gate).toMatchObject({ parked: null, released: NOW })
  },
)
