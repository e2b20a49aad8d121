import { definePlugin, delivered, type Notice, type Outcome, type Run } from '@onsignup/core'
import { createDeliver } from './deliver.ts'
import { destinationOf } from './destination.ts'
import { compileMessage, messageText } from './message.ts'
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
    const makeMessage = compileMessage(settings, services)
    const to = destinationOf(settings, services)
    const deliver = createDeliver(makeMessage, to)

    const { alerts } = to
    const notifyIn =
      (channel: string | undefined) =>
      async (notice: Notice, { signal }: Run): Promise<Outcome> => {
        const message = noticeMessage(notice, channel)
        const place = await to.post(message, signal, { what: to.nameOf(message) })
        return typeof place === 'string' ? delivered(place) : place
      }

    return {
      ...(alerts === null ? {} : { notify: notifyIn(alerts.channel) }),
      limits: to.limits,
      // Messages of several channels are not put together, so that each waits for its channel alone.
      ...(typeof to.limits === 'function' ? {} : { postUserRegistrationBatch: deliver.many }),
      postUserRegistration: deliver.one,
      preview(event, { idempotencyKey }) {
        const message = makeMessage(event, idempotencyKey)
        return {
          title: to.nameOf(message),
          contentType: 'application/json',
          body: messageText(message),
        }
      },
      check: (run) => to.check(run.signal),
    }
  },
})
