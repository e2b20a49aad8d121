import type { RegistrationEvent } from '@onsignup/core'
import { sampleEvent, testServices } from '@onsignup/core/testing'
import { expect, test } from 'vitest'
import { createLeave } from './unsubscribe.ts'

const { templates } = testServices()

const leave = (options: { url?: string; mailto?: string }, event: RegistrationEvent = sampleEvent()) =>
  createLeave(options, templates)(event)

const url = 'https://acme.com/unsubscribe?user={{ user.id }}'

test('one click: an https address in List-Unsubscribe, and the header that says so', () => {
  expect(leave({ url })).toEqual({
    href: 'https://acme.com/unsubscribe?user=auth0%7C5f7c8ec7c33c6c004bbafe82',
    headers: {
      'List-Unsubscribe': '<https://acme.com/unsubscribe?user=auth0%7C5f7c8ec7c33c6c004bbafe82>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  })
})

test('an address beside it is in the same header, the https one first', () => {
  expect(leave({ url, mailto: 'unsubscribe@acme.com' })).toMatchObject({
    headers: {
      'List-Unsubscribe':
        '<https://acme.com/unsubscribe?user=auth0%7C5f7c8ec7c33c6c004bbafe82>,\r\n <mailto:unsubscribe@acme.com?subject=unsubscribe>',
    },
  })
})

test('an address alone is no one click', () => {
  expect(leave({ mailto: 'leave+us?@acme.com' })).toEqual({
    href: 'mailto:leave%2Bus%3F@acme.com?subject=unsubscribe',
    headers: { 'List-Unsubscribe': '<mailto:leave%2Bus%3F@acme.com?subject=unsubscribe>' },
  })
})

test('a value is URL-encoded, and can end neither the address nor the header', () => {
  const id = 'a>, <https://evil.example/?\r\nBcc: x&admin=1#\uD800💥'
  const way = leave({ url }, sampleEvent({ user: { id } }))
  const header = 'headers' in way ? way.headers['List-Unsubscribe'] : ''
  expect(header).toMatch(/^<https:\/\/acme\.com\/unsubscribe\?user=[\w%.-]+>$/)
  expect(new URL(header?.slice(1, -1) ?? '').searchParams.get('user')).toBe(id.toWellFormed())
})

test('an address that is too long for a header is rejected', () => {
  const way = leave({ url }, sampleEvent({ user: { id: 'x'.repeat(1_000) } }))
  expect(way).toMatchObject({ kind: 'rejected', code: 'unsubscribe_invalid' })
})
