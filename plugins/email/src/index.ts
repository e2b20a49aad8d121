import { definePlugin, delivered, Failure, OnSignupError, type Notice, type Run } from '@onsignup/core'
import { parseMailbox } from './address.ts'
import { safeAnswer } from './answer.ts'
import { check } from './check.ts'
import { classify, createPasswordRedact } from './classify.ts'
import { createClient } from './client.ts'
import { lookUp } from './dkim-record.ts'
import { createSigner } from './dkim.ts'
import { composeNotice, createComposer, type Letter } from './message.ts'
import { grantOf } from './oauth-grant.ts'
import { createTokens } from './oauth.ts'
import { optionsSchema } from './options.ts'
import { nameOf, parseServer } from './server.ts'
import { createVersions } from './versions.ts'

/** The value of an option that its schema has checked already. */
const parsed = <T extends object>(option: string, value: T | string): T => {
  if (typeof value === 'string') throw new OnSignupError('options_invalid', `with.${option}: ${value}`)
  return value
}

/** Sends an e-mail for every sign-up, over SMTP. */
export default definePlugin({
  name: 'email',
  options: optionsSchema,
  repeats: 'harmful',
  // One connection for each attempt in flight; a server may think about a message for a while.
  defaults: { timeout: '60s', concurrency: 3 },
  async connect(options, services) {
    const server = parsed('server', parseServer(options.server))
    const from = parsed('from', parseMailbox(options.from))
    const replyTo =
      options.reply_to === undefined ? undefined : parsed('reply_to', parseMailbox(options.reply_to))
    const signer = options.dkim && (await createSigner(options.dkim, services.files))
    const tokens =
      options.oauth && createTokens(await grantOf(options.oauth, options.user ?? '', services), services)
    const sender = { from, replyTo, signer }
    const versions = await createVersions(options, from, services)
    const compose = createComposer(options, versions, sender, services)
    const client = createClient(options, server, tokens)
    const redactPassword = createPasswordRedact(options)
    const redact = (text: string) => redactPassword(tokens?.redact(text) ?? text)
    const send = async (letter: Letter, signal: AbortSignal, attempt: number) => {
      const sent = await client.send(letter, signal)
      if (sent.answer !== undefined) return delivered(safeAnswer(sent.answer, redact) || letter.messageId)
      const { error, complete } = sent
      return classify(error, { server: nameOf(server), redact, complete, attempt })
    }
    const notifyAt = (to: string) => async (notice: Notice, run: Run) =>
      send(await composeNotice(notice, to, sender, services.clock.now()), run.signal, 1)
    return {
      ...(options.alerts_to === undefined ? {} : { notify: notifyAt(options.alerts_to) }),
      async postUserRegistration(event, run) {
        const letter = await compose(event, run.idempotencyKey)
        if ('kind' in letter) return letter
        run.sending?.(letter.raw)
        return send(letter, run.signal, run.attempt)
      },
      async preview(event, { idempotencyKey }) {
        const letter = await compose(event, idempotencyKey)
        if (Failure.is(letter)) throw letter
        if ('kind' in letter)
          return { title: `no e-mail: ${letter.reason}`, contentType: 'text/plain', body: '' }
        const version = versions.languages.length === 0 ? '' : ` in ${letter.language}`
        return {
          title: `e-mail${version} to ${letter.to}: ${letter.subject}`,
          contentType: 'message/rfc822',
          body: letter.raw.toString(),
        }
      },
      check: (run) => check(options, { server, versions, tokens, signer, lookUp, redact }, run),
      close: () => client.close(),
    }
  },
})
