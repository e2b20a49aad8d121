import { expect, test } from 'vitest'
import { Failure, rejected } from '../outcome.ts'
import { sampleEvent } from '../testing/fakes.ts'
import { compileCondition, createTemplates } from './templates.ts'

const templates = createTemplates()
const html = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const event = sampleEvent({
  user: {
    name: '<b>Ada</b>',
    phone: null,
    user_metadata: { n: 5, no: false, list: [1, 2], big: 'x'.repeat(10_000), now: 'now' },
  },
})

const text = (source: string, of = event) => templates.text(source, html)(of)
const value = (source: string, of = event) => templates.value(source)(of)

test.each([
  ['output', '{{ user.name }}'],
  ['output after a filter', '{{ user.name | downcase | capitalize }}'],
  ['echo', '{% echo user.name %}'],
  ['echo within liquid', '{% liquid\n echo user.name %}'],
  ['cycle', '{% cycle user.name, "x" %}'],
  ['a loop', '{% for i in (1..2) %}{{ user.name }}{% endfor %}'],
  ['a variable', '{% assign name = user.name %}{{ name }}'],
  ['a capture', '{% capture name %}{{ user.name }}{% endcapture %}{{ name }}'],
  ['a joined list', '{{ user.name | split: "" | join: "" }}'],
  ['a default', '{{ user.phone | default: user.name }}'],
  ['JSON', '{{ user | json }}'],
])('a value is escaped wherever a template writes it: %s', (_where, source) => {
  expect(text(source)).toMatch(/&(amp;)?lt;b>/i)
  expect(text(source)).not.toMatch(/<b>/i)
})

test("the template's own text is not escaped", () => {
  expect(text('<p>{{ user.email }}</p>')).toBe('<p>user1@foo.com</p>')
})

test('each escape has its own rules, whichever was compiled first', () => {
  const source = '{{ user.name }}'
  const upper = templates.text(source, (written) => written.toUpperCase())
  expect([text(source), upper(event), text(source)]).toEqual([
    '&lt;b>Ada&lt;/b>',
    '<B>ADA</B>',
    '&lt;b>Ada&lt;/b>',
  ])
})

test('raw, which would switch the escape off, is gone', () => {
  expect(() => text('{{ user.name | raw }}')).toThrow(
    expect.objectContaining({ code: 'template_invalid', message: expect.stringContaining('no filter raw') }),
  )
})

test('what is not known is nothing', () => {
  expect(text('[{{ user.phone }}{{ user.user_metadata.none }}]')).toBe('[]')
})

test.each([
  ['{{ user.user_metadata.n }}', 5],
  ['{{ user.user_metadata.no }}', false],
  ['{{ user.emailVerified }}', true],
  ['{{ user.phone }}', null],
  ['{{ user.user_metadata.n | plus: 1 }}', 6],
  ['{{ user.user_metadata.list }}', [1, 2]],
  ['{{ user.phone | default: 7 }}', 7],
  ['{{ user.name }}', '<b>Ada</b>'],
])('the value of %s keeps its type', (source, expected) => {
  expect(value(source)).toEqual(expected)
})

test.each([
  ['n={{ user.user_metadata.n }}', 'n=5'],
  ['{{ user.user_metadata.n }}{{ user.user_metadata.n }}', '55'],
  ['plain', 'plain'],
  ['', ''],
  ['{% if user.emailVerified %}yes{% endif %}', 'yes'],
])('the value of %j is text', (source, expected) => {
  expect(value(source)).toBe(expected)
})

test.each([
  ["{{ 'now' | date: '%Y-%m-%dT%H:%M:%S' }}", '2026-01-02T03:04:06'],
  ["{{ 'today' | date: '%Y-%m-%d' }}", '2026-01-02'],
  ['{{ "now" | date_to_xmlschema }}', '2026-01-02T03:04:06+00:00'],
])('now in %s is when the event was received, so that a retry says the same', (source, expected) => {
  const received = sampleEvent({ receivedAt: '2026-01-02T03:04:06.000Z' })
  expect(text(source, received)).toBe(expected)
  expect(value(source, received)).toBe(expected)
})

test.each(['increment', 'decrement'])('a template cannot change the event: %s', (tag) => {
  const before = structuredClone(event)
  text(`{% ${tag} user %}{% ${tag} id %}`)
  value(`{% ${tag} user %}`)
  compileCondition('user.email')(event)
  expect(event).toEqual(before)
})

/** What a rendering throws, which must be a failure. */
const failureOf = (render: () => unknown): Failure => {
  try {
    render()
  } catch (error) {
    if (Failure.is(error)) return error
    throw error
  }
  throw new Error('it rendered')
}

const BOMBS = [
  '{% for i in (1..100000000) %}{{ i }}{% endfor %}',
  '{{ user.user_metadata.big | split: "" | join: user.user_metadata.big }}',
]

test.each(BOMBS)('a template that explodes is stopped and rejects the event: %s', (source) => {
  for (const render of [() => text(source), () => value(source)]) {
    const failure = failureOf(render)
    expect(failure).toMatchObject({ kind: 'rejected', code: 'template' })
    expect(failure.message).toMatch(/^the template ".*fails on this event$/)
    expect(failure.cause).toMatchObject({ message: 'memory alloc limit exceeded' })
  }
})

test('a template that takes too long is stopped and tried again, since the machine may be busy', () => {
  const source = '{% for i in (1..3000) %}{% for j in (1..3000) %}{{ user.email }}{% endfor %}{% endfor %}'
  expect(failureOf(() => text(source))).toMatchObject({
    kind: 'retry',
    code: 'template',
    message: expect.stringMatching(/^the template ".*took more than 200 ms on this event$/),
  })
})

test('a condition that fails on an event rejects it', () => {
  const source = 'user.user_metadata.list contains user.email and (1..9999999999) contains 7'
  expect(failureOf(() => compileCondition(source)({ ...event, user: { ...event.user } }))).toMatchObject({
    kind: 'rejected',
    code: 'template',
    message: expect.stringContaining('the condition'),
  })
})

test('an escape that refuses a value by a failure of its own is heard', () => {
  const own = rejected('no such address', { code: 'address' })
  const refusing = templates.text('{{ user.email }}', () => {
    throw own
  })
  expect(failureOf(() => refusing(event))).toBe(own)
})

test('the reason is seen even behind a long template', () => {
  const failure = failureOf(() => text(`${'<p>long</p>'.repeat(1_000)}${BOMBS[0]}`))
  expect(failure.message.length).toBeLessThan(500)
})

test.each([
  ['user.emailVerified', true],
  ['not user.emailVerified', false],
  ['user.phone', false],
  ['user.phone == null', true],
  ['user.email == "user1@foo.com" and context.connection.name != "test"', true],
  ['user.email contains "@bar.com" or user.user_metadata.n > 4', true],
  ['user.user_metadata.none', false],
  ['user.email\n  and user.emailVerified', true],
  ['user.name == "%}"', false],
])('the condition %j is %j', (source, expected) => {
  expect(compileCondition(source)(event)).toBe(expected)
})
