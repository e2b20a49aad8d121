import { describe, expect, test } from 'vitest'
import { checkAddress, parseMailbox } from './address.ts'

describe('checkAddress', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['  ada@example.com ', 'ada@example.com'],
    ["o'brien+tag.x@sub.example.co.uk", "o'brien+tag.x@sub.example.co.uk"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@localhost', 'ada@localhost'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('takes %j', (given, address) => {
    expect(checkAddress(given)).toMatchObject({ address })
  })

  test.each([
    ['', 'empty'],
    ['b@y.example\r\nRCPT TO:<evil@z.example>', 'line break'],
    ['b@y.example\nBcc: evil@z.example', 'line break'],
    ['a\u0000@x.example', 'control'],
    ['a@x.example\u202Emoc', 'control'],
    ['a@x.example, evil@z.example', 'more than one address'],
    ['a@x.example;evil@z.example', 'more than one address'],
    ['Ada <ada@example.com>', 'bracket'],
    ['<ada@example.com>', 'bracket'],
    ['"ada lovelace"@example.com', 'quote'],
    ['ada@example.com(comment)', 'comment'],
    ['ada@[127.0.0.1]', 'bracket'],
    ['group:a@x.example', 'bracket'],
    ['ada', 'no @'],
    ['a@b@example.com', 'more than one @'],
    ['@example.com', 'before the @'],
    ['.ada@example.com', 'before the @'],
    ['a..b@example.com', 'before the @'],
    ['jürgen@example.com', 'not ASCII'],
    ['ada@', 'after the @'],
    ['ada@-x.example', 'after the @'],
    ['ada@x..example', 'after the @'],
    ['ada@ex_ample.com', 'after the @'],
    [`${'a'.repeat(65)}@example.com`, 'longer than 64'],
    [`a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}`, 'longer than 254'],
  ])('refuses %j and names the reason', (given, reason) => {
    expect(checkAddress(given).problem).toContain(reason)
  })

  test('never repeats the value, which may be anything', () => {
    expect(checkAddress('evil\r\n@<x>').problem).not.toContain('evil')
  })
})

describe('parseMailbox', () => {
  test.each([
    ['hello@acme.com', { name: '', address: 'hello@acme.com' }],
    ['Acme <hello@acme.com>', { name: 'Acme', address: 'hello@acme.com' }],
    ['"Acme, Inc." <hello@acme.com>', { name: 'Acme, Inc.', address: 'hello@acme.com' }],
    [
      'Grüße von Acme <hello@bücher.example>',
      { name: 'Grüße von Acme', address: 'hello@xn--bcher-kva.example' },
    ],
  ])('reads %j', (text, mailbox) => {
    expect(parseMailbox(text)).toMatchObject(mailbox)
  })

  test.each(['', 'Acme', 'Acme <hello>', 'Acme <a@x.example>, <b@x.example>', 'Ac\nme <hello@acme.com>'])(
    'refuses %j',
    (text) => {
      expect(parseMailbox(text)).toBeTypeOf('string')
    },
  )
})
