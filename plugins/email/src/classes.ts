import type { FailureKind } from '@onsignup/core'

/** What is known of a failed send. */
export interface Signal {
  /** nodemailer's code, as EENVELOPE. */
  readonly code: string
  /** Node's code, as ECONNREFUSED, or which time-out passed; empty when there is none. */
  readonly cause: string
  /** The server's reply code and enhanced code, as `550 5.1.1` or `451`; empty when there was no reply. */
  readonly reply: string
  /** The words of the reply. */
  readonly words: string
  /** The SMTP command that failed, as RCPT TO; CONN before the first one, API when nothing was sent. */
  readonly command: string
  /** Whether all of the message had gone out, so that the server may have it. */
  readonly complete: boolean
}

/** One row: the signals it is for, and what they mean. */
export interface Row {
  readonly when: { readonly [K in keyof Signal]?: Signal[K] extends boolean ? boolean : RegExp }
  readonly kind: FailureKind
  /** What happened, told of the server. */
  readonly what: string
  readonly mend?: string
  /** Milliseconds to wait after the first, second, … attempt; the last for all later ones. */
  readonly after?: readonly number[]
}

const MINUTE = 60_000
// RFC 5321, 4.5.4.1: half an hour between tries; grey lists want a few minutes first.
const MAIL_WAITS = [1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE)

const NONE = /^$/
const TRANSACTION = /^(?:MAIL FROM|RCPT TO|DATA)$/

/** What each failure means; the first row that fits decides. */
export const CLASSES: readonly Row[] = [
  {
    when: {
      cause: /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|CRL_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/,
    },
    kind: 'misconfigured',
    what: 'shows a certificate that is not trusted for this name',
    mend: 'use the name that the certificate is for; for a private authority start with NODE_EXTRA_CA_CERTS=its.pem',
  },
  {
    when: { cause: /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/, complete: false },
    kind: 'misconfigured',
    what: 'does not speak TLS as asked',
    mend: 'write smtps:// for a port that is TLS from the first byte (465), smtp:// for one with STARTTLS (587)',
  },
  {
    when: { code: /^(?:ECONFIG|ENOAUTH|EREQUIRETLS|EPROXY|ESTREAM|EFILEACCESS|EURLACCESS)$/ },
    kind: 'misconfigured',
    what: 'cannot be used with these options',
    mend: 'correct the options of the connector',
  },
  {
    when: { code: /^ETLS$/, reply: /^5/ },
    kind: 'misconfigured',
    what: 'offers no STARTTLS, and tls is required',
    mend: 'use a port that offers it, or smtps://; tls: off sends everything readable to anybody on the way',
  },
  {
    when: { code: /^ETLS$/, reply: NONE, command: /^STARTTLS$/ },
    kind: 'misconfigured',
    what: 'could not start TLS',
    mend: 'look for what the server says of it in its log',
  },
  { when: { code: /^ETLS$/ }, kind: 'retry', what: 'could not start TLS just now' },
  {
    when: { code: /^(?:EAUTH|EOAUTH2)$/, reply: /^4/ },
    kind: 'retry',
    what: 'could not check the credentials just now',
  },
  {
    when: { code: /^EAUTH$/, command: /^AUTH XOAUTH2$/ },
    kind: 'misconfigured',
    what: 'did not accept the token',
    mend: 'see that the token is for this user, its scope for SMTP, and SMTP AUTH on for the mailbox',
  },
  {
    when: { code: /^(?:EAUTH|EOAUTH2)$/ },
    kind: 'misconfigured',
    what: 'did not accept the user and the password',
    mend: 'correct user and password; some servers want an application password, and take one over TLS alone',
  },
  {
    when: { reply: /^421/ },
    kind: 'retry',
    what: 'closed the connection: too busy, or too many connections',
  },
  { when: { reply: /^503/ }, kind: 'retry', what: 'lost track of the session' },
  {
    when: { code: /^(?:EPROTOCOL|ECONNECTION)$/, reply: /^4/, complete: false },
    kind: 'retry',
    what: 'takes no mail just now',
  },
  {
    when: { command: /^EHLO$/, code: /^ECONNECTION$/, reply: /^5/ },
    kind: 'misconfigured',
    what: 'knows no STARTTLS, and tls is required',
    mend: 'use a port that offers it, or smtps://',
  },
  {
    when: { code: /^EDNS$/ },
    kind: 'retry',
    what: 'has a name that cannot be looked up',
    mend: 'check the host in server',
  },
  {
    when: {
      cause: /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|(?:CONNECT|GREETING|UPGRADE)_TIMEOUT)$/,
    },
    kind: 'retry',
    what: 'cannot be reached',
    mend: 'check the host and the port in server, and that no firewall is in between',
  },
  // RFC 3463: the class of the enhanced code is the more exact of the two.
  {
    when: { reply: /^5\d\d 4\./ },
    kind: 'retry',
    what: 'could not take the message just now',
    after: MAIL_WAITS,
  },
  {
    when: { command: TRANSACTION, reply: /^4/ },
    kind: 'retry',
    what: 'asked to try again later',
    after: MAIL_WAITS,
  },
  {
    when: { command: TRANSACTION, reply: /^(?:552(?! 5\.2)|5\d\d 5\.3\.4)/ },
    kind: 'rejected',
    what: 'finds the message too large',
    mend: 'make the message smaller',
  },
  {
    when: { command: /^MAIL FROM$/, reply: /^5/ },
    kind: 'misconfigured',
    what: 'does not let this sender send',
    mend: 'use a from address that the server lets this user send as, with user and password if it wants them',
  },
  {
    when: { command: /^RCPT TO$/, reply: /^(?:530|5\d\d 5\.7\.1$)/ },
    kind: 'misconfigured',
    what: 'does not send to other domains for us',
    mend: 'set user and password, or have the server relay for this machine',
  },
  {
    when: { command: /^RCPT TO$/, reply: /^5/, words: /relay|authenticat/i },
    kind: 'misconfigured',
    what: 'does not send to other domains for us',
    mend: 'set user and password, or have the server relay for this machine',
  },
  {
    when: { command: /^RCPT TO$/, reply: /^5\d\d 5\.2\.2/ },
    kind: 'rejected',
    what: "says that the recipient's mailbox is full",
  },
  { when: { command: /^RCPT TO$/, reply: /^5/ }, kind: 'rejected', what: 'refuses the recipient' },
  { when: { command: /^DATA$/, reply: /^5/ }, kind: 'rejected', what: 'refuses the message' },
  {
    when: { code: /^EMESSAGE$/, reply: NONE, command: /^MAIL FROM$/ },
    kind: 'rejected',
    what: 'finds the message too large',
  },
  {
    when: { code: /^(?:EPROTOCOL|ECONNECTION)$/, reply: /^5/, complete: false },
    kind: 'misconfigured',
    what: 'refuses to talk to this machine',
    mend: 'ask who runs the server why it refuses this address; some want a known host name or a relay',
  },
  {
    when: { code: /^(?:EENVELOPE|EMAXRECIPIENTS)$/, command: /^(?:API)?$/ },
    kind: 'rejected',
    what: 'was not asked: the recipient is not one plain address',
  },
  {
    when: {
      code: /^(?:ECONNECTION|ESOCKET|ETIMEDOUT|EABORT|EPROTOCOL|EMESSAGE)$/,
      reply: NONE,
      complete: true,
    },
    kind: 'unknown',
    what: 'got the whole message and did not answer',
    mend: 'look for the Message-ID in the log of the server',
  },
  {
    when: { code: /^EABORT$/, complete: false },
    kind: 'retry',
    what: 'took too long; the message had not gone out',
  },
  {
    when: { code: /^(?:ECONNECTION|ESOCKET|ETIMEDOUT|EPROTOCOL|EMESSAGE)$/, complete: false },
    kind: 'retry',
    what: 'broke the connection before it had the message',
  },
]

/** For what no row is for. */
export const UNLISTED: Row = { when: {}, kind: 'retry', what: 'failed in a way that is not listed' }
