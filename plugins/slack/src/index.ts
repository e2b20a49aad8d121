import {
  definePlugin,
  delivered,
  Failure,
  type BatchHook,
  type Notice,
  type Outcome,
  type RegistrationEvent,
  type Run,
} from '@onsignup/core'
import { destinationOf } from './destination.ts'
import { digestMessage } from './digest.ts'
import { compileMessage, type Message } from './message.ts'
import { noticeMessage } from './notice.ts'
import { options } from './options.ts'

/** Posts a message to a Slack channel for every registration. */
export default definePlugin({
  name: 'slack',
  options,
  // Slack has nothing by which it would know a repeat: https://github.com/slackapi/slack-api-specs/issues/10
  repeats: 'harmful',
  // What waits for the channel's rate goes together, and a lone sign-up at once.
  defaults: { timeout: '10s', batch: { max_records: 500, max_wait: '0s' } },
  connect(settings, services) {
    const message = compileMessage(settings, services)
    const to = destinationOf(settings, message, services)

    const post = async (args: Message, signal: AbortSignal, told = ''): Promise<Outcome> => {
      const result = await to.post(args, signal, to.nameOf(args))
      return typeof result === 'string' ? delivered(`${result}${told}`) : result
    }

    /** Many as one message; each whose own message cannot be made has its own outcome. */
    const postMany: BatchHook = async (items, { signal }) => {
      const drafts = items.map(({ event }) => ({ id: event.id, draft: draftOf(message, event) }))
      const good = drafts.flatMap(({ id, draft }) => (Failure.is(draft) ? [] : [{ id, draft }]))
      const [only] = good
      if (only === undefined) return drafts.flatMap(({ draft }) => (Failure.is(draft) ? [draft] : []))
      const digest = () =>
        digestMessage(
          good.map(({ draft }) => draft),
          good.map(({ id }) => id),
        )
      const outcome =
        good.length === 1
          ? await post(only.draft, signal)
          : await post(digest(), signal, ` with ${good.length} sign-ups in one message`)
      // Thrown, so that the one that Slack refuses is found among them.
      if (Failure.is(outcome) && outcome.kind === 'rejected') throw outcome
      return drafts.map(({ draft }) => (Failure.is(draft) ? draft : outcome))
    }

    const { alerts } = to
    const notifyIn = (channel: string | undefined) => (notice: Notice, run: Run) =>
      post(noticeMessage(notice, channel), run.signal)

    return {
      ...(alerts === null ? {} : { notify: notifyIn(alerts.channel) }),
      limits: to.limits,
      // Messages of several channels are not put together, so that each waits for its channel alone.
      ...(typeof to.limits === 'function' ? {} : { postUserRegistrationBatch: postMany }),
      postUserRegistration: (event, run) => post(message(event), run.signal),
      preview(event) {
        const args = message(event)
        return {
          title: to.nameOf(args),
          contentType: 'application/json',
          body: JSON.stringify(args, null, 2),
        }
      },
      check: (run) => to.check(run.signal),
    }
  },
})

const draftOf = (
  message: (event: RegistrationEvent) => Message,
  event: RegistrationEvent,
): Message | Failure => {
  try {
    return message(event)
  } catch (error) {
    if (Failure.is(error)) return error
    throw error
  }
}
