import { expect, test } from 'vitest'
import { conditionProblems, templateProblems } from './check.ts'

test.each([
  '',
  'plain text, and a lone } or {',
  '{{ user.email }}',
  '{{ user["email"] }}',
  '{{ user.user_metadata.anything.at.all }}',
  '{{ user.app_metadata["a b"] }}',
  '{{ user.identities.first.provider }} {{ user.identities[0].userId }} {{ user.identities.size }}',
  '{{ user.email.size }}',
  '{{ context.connection.name | upcase | default: "none" }}',
  '{% assign name = user.name %}{{ name }}',
  '{% for identity in user.identities %}{{ identity.provider }}{% endfor %}',
  '{% comment %}{{ user.nope }}{% endcomment %}{% raw %}{{ user.nope }}{% endraw %}',
  '{{ receivedAt | date: "%Y" }}',
])('nothing is wrong with the template %j', (source) => {
  expect(templateProblems(source)).toEqual([])
})

test.each([
  ['{{ user.emailVerifed }}', 'no event has user.emailVerifed; did you mean user.emailVerified?'],
  ['{{ user.emial }}', 'no event has user.emial; did you mean user.email?'],
  ['{{ email }}', 'no event has email; did you mean user.email?'],
  ['{{ usr.email }}', 'no event has usr.email; did you mean user?'],
  ['{{ user.company }}', 'user_metadata and user.app_metadata'],
  ['{{ user.email.domain }}', 'no event has user.email.domain'],
  ['{{ user.constructor }}', 'no event has user.constructor'],
  ['{{ user.__proto__ }}', 'no event has user.__proto__'],
  ['{{ user.identities.provider }}', 'no event has user.identities.provider'],
  ['{% if user.nope %}x{% endif %}', 'no event has user.nope'],
  ['{{ user.email | append: user.nope }}', 'no event has user.nope'],
  ['{{ user.email user.nope }}', 'no event has user.nope'],
  ['{{ user.email | upcas }}', 'there is no filter upcas; did you mean upcase?'],
  ['{{ user.email | zzzzzz }}', 'there is no filter zzzzzz'],
  ['{{ user.email | raw }}', 'there is no filter raw'],
  ['{{ user.email', 'not closed'],
  ['{% if user.email %}', 'not closed'],
  ['{% nope %}', '"nope" not found'],
  ['{{ }}', 'invalid value'],
  ['{{ user.email || user.phone }}', 'expected filter name'],
  ['{% if user.email && user.phone %}x{% endif %}', 'before filter'],
  ['{% if user.email = "x" %}x{% endif %}', 'before filter'],
  ['{% include "file" %}', 'file'],
])('the template %j is wrong: %s', (source, problem) => {
  expect(templateProblems(source).join('; ')).toContain(problem)
})

test('every unknown variable is told, not only the first', () => {
  expect(templateProblems('{{ user.one }} {{ user.two }}')).toHaveLength(2)
})

test('a problem is told without the position in text that nobody wrote', () => {
  expect(conditionProblems('user.email == (').join()).not.toMatch(/line:|col:/)
})

test.each([
  'user.emailVerified',
  'not user.emailVerified and user.email contains "@"',
  'user.user_metadata.plan == "pro" or user.phone == null',
  'true',
  'user.name == "&&"',
  'user.name == "a = b"',
])('nothing is wrong with the condition %j', (source) => {
  expect(conditionProblems(source)).toEqual([])
})

test.each([
  ['', 'the condition is empty'],
  [' \n', 'the condition is empty'],
  ['{{ user.email }}', 'write it without {{ }}'],
  ['{% if user.email %}', 'write it without {{ }}'],
  ['user.email %}x', 'cannot read %}x'],
  ['user.emailVerifed', 'did you mean user.emailVerified?'],
  ['user.email foo', 'stray word foo'],
  ['user.email is "x"', 'stray word is'],
  ['user.email "x"', 'stray word "x"'],
  ['user.email && user.phone', '&& is no operator here: write and'],
  ['user.email || user.phone', '|| is no operator here: write or'],
  ['user.email = "x"', '= is no operator here: write =='],
  ['user.email === "x"', 'write =='],
  ['!user.email', '! is no operator here'],
  ['user.email ==', 'a value is missing at the end'],
  ['user.email and', 'a value is missing at the end'],
  ['not', 'a value is missing at the end'],
  ['== user.email', 'a value is missing before =='],
  ['user.email and and user.phone', 'a value is missing before and'],
  ['user.email | upcase == "X"', 'cannot read | upcase'],
  ['(user.email)', 'invalid'],
  ['user.email == (', ''],
])('the condition %j is wrong: %s', (source, problem) => {
  expect(conditionProblems(source)).toHaveLength(1)
  expect(conditionProblems(source)[0]).toContain(problem)
})
