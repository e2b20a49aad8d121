import { inspect } from 'node:util'
import { createRedact, type FailureKind } from '@onsignup/core'
import { describe, expect, test } from 'vitest'
import { safeAnswer } from './answer.ts'
import { CLASSES } from './classes.ts'
import { classify, createPasswordRedact, fits, signalOf } from './classify.ts'
import { optionsSchema } from './options.ts'

const told = {
  server: 'smtp.acme.com:587',
  redact: createPasswordRedact(
    optionsSchema.parse({
      server: 'smtp://smtp.acme.com',
      from: 'a@acme.com',
      user: 'hello',
      password: 'pa/ss#1',
    }),
  ),
}

interface Broken {
  readonly error: unknown
  readonly complete: boolean
}

const broken = (code: string, cause = '', complete = false, command = 'CONN'): Broken => ({
  error: Object.assign(new Error('as nodemailer says'), {
    code,
    command,
    ...(cause.endsWith('_TIMEOUT') ? { timeoutType: cause } : cause !== '' && { originalCode: cause }),
  }),
  complete,
})

const said = (code: string, command: string, response: string, complete = false): Broken => ({
  error: Object.assign(new Error('as nodemailer says'), {
    code,
    command,
    response,
    responseCode: Number(response.slice(0, 3)),
  }),
  complete,
})

const mail = (response: string) => said('EENVELOPE', 'MAIL FROM', response)
const rcpt = (response: string) => said('EENVELOPE', 'RCPT TO', response)
const dot = (response: string) => said('EMESSAGE', 'DATA', response, true)
const auth = (response: string) => said('EAUTH', 'AUTH PLAIN', response)

type Case = readonly [what: string, broken: Broken, kind: FailureKind]

const cases: readonly Case[] = [
  ['a self-signed certificate', broken('ESOCKET', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'misconfigured'],
  ['a chain that is not known', broken('ESOCKET', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'misconfigured'],
  ['a chain with a stranger in it', broken('ESOCKET', 'SELF_SIGNED_CERT_IN_CHAIN'), 'misconfigured'],
  ['an expired certificate', broken('ESOCKET', 'CERT_HAS_EXPIRED'), 'misconfigured'],
  ['a certificate for another name', broken('ESOCKET', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'misconfigured'],
  ['TLS to a plain port', broken('ESOCKET', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'misconfigured'],
  ['TLS that breaks after the message', broken('ESOCKET', 'ERR_SSL_BAD_RECORD_TYPE', true), 'unknown'],
  ['an option that cannot be', broken('ECONFIG', '', false, 'API'), 'misconfigured'],
  ['no STARTTLS', said('ETLS', 'STARTTLS', '502 5.5.1 not known'), 'misconfigured'],
  ['STARTTLS not now', said('ETLS', 'STARTTLS', '454 4.7.0 TLS not available'), 'retry'],
  ['TLS that does not start', broken('ETLS', '', false, 'STARTTLS'), 'misconfigured'],
  ['a connection cut in the handshake', broken('ETLS'), 'retry'],
  ['a wrong password', auth('535 5.7.8 no'), 'misconfigured'],
  ['a token that is not taken', said('EAUTH', 'AUTH XOAUTH2', '535 5.7.3 no'), 'misconfigured'],
  ['credentials that cannot be checked', auth('454 4.7.0 later'), 'retry'],
  ['a password that expired', auth('432 4.7.12 transition needed'), 'retry'],
  ['AUTH that is not known', auth('503 5.5.1 AUTH not enabled'), 'misconfigured'],
  ['credentials that are missing', broken('EAUTH', '', false, 'API'), 'misconfigured'],
  ['421 at the greeting', said('EPROTOCOL', 'CONN', '421 4.3.2 too many connections'), 'retry'],
  ['421 at RCPT', rcpt('421 closing'), 'retry'],
  ['503', mail('503 5.5.1 bad sequence'), 'retry'],
  ['a greeting that says later', said('EPROTOCOL', 'CONN', '450 busy'), 'retry'],
  ['a greeting that says no', said('EPROTOCOL', 'CONN', '554 5.7.1 on a list'), 'misconfigured'],
  ['EHLO refused with tls required', said('ECONNECTION', 'EHLO', '502 what'), 'misconfigured'],
  ['HELO refused', said('EPROTOCOL', 'HELO', '550 5.7.1 bad name'), 'misconfigured'],
  ['a name that is not known', broken('EDNS', 'ENOTFOUND'), 'retry'],
  ['a refused connection', broken('ESOCKET', 'ECONNREFUSED'), 'retry'],
  ['a network that is not there', broken('ESOCKET', 'ENETUNREACH'), 'retry'],
  ['no connection in time', broken('ETIMEDOUT', 'CONNECT_TIMEOUT'), 'retry'],
  ['no greeting in time', broken('ETIMEDOUT', 'GREETING_TIMEOUT'), 'retry'],
  ['no handshake in time', broken('ETIMEDOUT', 'UPGRADE_TIMEOUT'), 'retry'],
  ['a 5xx that says 4.x.x', rcpt('550 4.4.1 try later'), 'retry'],
  ['a grey list', rcpt('450 4.7.1 greylisted'), 'retry'],
  ['a sender refused for now', mail('451 later'), 'retry'],
  ['a full disk', mail('452 4.3.1 no space'), 'retry'],
  ['a message refused for now', dot('451 4.3.0 later'), 'retry'],
  ['authentication required', mail('530 5.7.0 authentication required'), 'misconfigured'],
  ['a sender that may not', mail('550 5.7.60 cannot send as'), 'misconfigured'],
  ['a sender that is wrong', mail('553 5.7.1 not owned'), 'misconfigured'],
  ['a message too large at MAIL', mail('552 5.3.4 too big'), 'rejected'],
  ['a message too large by SIZE', broken('EMESSAGE', '', false, 'MAIL FROM'), 'rejected'],
  ['a message too large at the end', dot('552 too big'), 'rejected'],
  ['relaying denied', rcpt('554 5.7.1 no'), 'misconfigured'],
  ['relaying denied without the code', rcpt('550 Relaying not allowed'), 'misconfigured'],
  ['RCPT that wants a login', rcpt('530 log in first'), 'misconfigured'],
  ['nobody of that name', rcpt('550 5.1.1 no such user'), 'rejected'],
  ['nobody of that name, without the code', rcpt('550 no such user'), 'rejected'],
  ['a user elsewhere', rcpt('551 5.1.6 moved'), 'rejected'],
  ['an address that is wrong', rcpt('501 5.1.3 bad address'), 'rejected'],
  ['a mailbox that is off', rcpt('550 5.2.1 disabled'), 'rejected'],
  ['a mailbox that is full', rcpt('552 5.2.2 full'), 'rejected'],
  ['content refused', dot('554 5.6.0 no'), 'rejected'],
  ['spam', dot('554 5.7.1 spam'), 'rejected'],
  ['DATA refused', said('EENVELOPE', 'DATA', '554 no valid recipients'), 'rejected'],
  ['a recipient that nodemailer refuses', broken('EENVELOPE', '', false, 'API'), 'rejected'],
  ['more than one recipient', broken('EMAXRECIPIENTS', '', false, ''), 'rejected'],
  ['a cut after the dot', broken('ECONNECTION', '', true), 'unknown'],
  ['a reset after the dot', broken('ESOCKET', 'ECONNRESET', true), 'unknown'],
  ['silence after the dot', broken('ETIMEDOUT', 'SOCKET_TIMEOUT', true), 'unknown'],
  ['an abort after the dot', broken('EABORT', '', true, ''), 'unknown'],
  ['a cut before the dot', broken('ECONNECTION'), 'retry'],
  ['a reset before the dot', broken('ESOCKET', 'EPIPE'), 'retry'],
  ['silence before the dot', broken('ETIMEDOUT', 'SOCKET_TIMEOUT'), 'retry'],
  ['an abort before the dot', broken('EABORT', '', false, ''), 'retry'],
  ['a code that nobody knows', broken('EXYZ'), 'retry'],
  ['what is no error', { error: 'nonsense', complete: false }, 'retry'],
]

const judge = ({ error, complete }: Broken, attempt = 1) => classify(error, { ...told, complete, attempt })

describe('classify', () => {
  for (const [what, failed, kind] of cases) {
    test(`${what} is ${kind}`, () => {
      const failure = judge(failed)
      expect(failure.kind).toBe(kind)
      expect(failure.message).toMatch(/^smtp\.acme\.com:587 /)
    })
  }

  test('every row of the table is reached by a case', () => {
    const reached = new Set(
      cases.map(([, failed]) => CLASSES.find((row) => fits(row, signalOf(failed.error, failed.complete)))),
    )
    expect(CLASSES.filter((row) => !reached.has(row))).toEqual([])
  })

  test.each([
    [rcpt('550 5.1.1 no such user'), '550 5.1.1'],
    [rcpt('550-5.1.1 no such\r\n550 5.1.1 user'), '550 5.1.1'],
    [rcpt('550 no such user'), '550'],
    [broken('ESOCKET', 'ECONNREFUSED'), 'ECONNREFUSED'],
    [broken('ETIMEDOUT', 'GREETING_TIMEOUT'), 'GREETING_TIMEOUT'],
    [broken('ECONNECTION'), 'ECONNECTION'],
    [{ error: 'nonsense', complete: false }, 'unlisted'],
  ])('the code is the most exact there is', (failed, code) => {
    expect(judge(failed).code).toBe(code)
  })

  test('what an operator can mend says how', () => {
    const silent = CLASSES.filter(({ kind, mend }) => kind === 'misconfigured' && mend === undefined)
    expect(silent).toEqual([])
  })

  test('a grey list is asked again after minutes, then longer', () => {
    const waits = [1, 2, 3, 4, 5, 11].map((attempt) => judge(rcpt('450 4.7.1 greylisted'), attempt).after)
    expect(waits).toEqual([1, 5, 15, 30, 60, 60].map((minutes) => minutes * 60_000))
  })

  test('neither message nor cause holds an address, the password, or AUTH as the server repeats it', () => {
    const [plain, alone] = ['\0hello\0pa/ss#1', 'pa/ss#1'].map((text) => Buffer.from(text).toString('base64'))
    const failure = judge(auth(`535 5.7.8 <ada@x.example> pa/ss#1 ${alone} AUTH PLAIN ${plain}`))
    const all = inspect(failure, { depth: 10, showHidden: true })
    expect(all).toContain('535 5.7.8')
    for (const hidden of ['ada@', 'pa/ss', plain, alone]) expect(all).not.toContain(hidden)
  })
})

test('an answer is told on one line, its codes once, cut short', () => {
  expect(
    safeAnswer('550-5.1.1 The account ada@x.example\r\n550 5.1.1 does not exist\u0007', createRedact([])),
  ).toBe('550 5.1.1 The account <…> does not exist')
  expect(safeAnswer(`250 ${'x'.repeat(1_000)}`, createRedact([]))).toHaveLength(300)
})
