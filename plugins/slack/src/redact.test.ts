import { expect, test } from 'vitest'
import { createSlackRedact } from './redact.ts'

test.each([
  ['the token, whatever its form', 'no access for sandbox-token', 'no access for [secret]'],
  ["another of Slack's tokens", 'no access for xoxe.xoxp-1-abc', 'no access for [secret]'],
])('redacts %s', (_what, text, expected) => {
  expect(createSlackRedact('sandbox-token')(text)).toBe(expected)
})
