import { definePlugin, delivered, type Notice, type Run } from '@onsignup/core'
import { z } from 'zod'
import { isTemplate } from './channel.ts'
import { checkSlack } from './check.ts'
import { classify } from './classify.ts'
import { createCall } from './client.ts'
import { compileMessage, type Message } from './message.ts'
import { noticeMessage } from './notice.ts'
import { options } from './options.ts'
import { createTokenRedact } from './redact.ts'

const posted = z.object({ channel: z.string().max(40), ts: z.string().max(40) })

/** Posts a message to a Slack channel for every registration. */
export default definePlugin({
  name: 'slack',
  options,
  // Slack has nothing by which it would know a repeat: https://github.com/slackapi/slack-api-specs/issues/10
  repeats: 'harmful',
  defaults: { timeout: '10s' },
  connect(settings, services) {
    const { token, channel, api_url: apiUrl } = settings
    const { fetch, logger } = services
    const message = compileMessage(settings, services)
    const redact = createTokenRedact(token)
    const call = createCall({ token, redact, apiUrl, fetch, logger })
    const channelFromEvent = isTemplate(channel)
    if (channel.startsWith('#') && !channelFromEvent) {
      logger.warn({ channel }, `write the ID of ${channel}: names change, and private channels need the ID`)
    }
    const post = (args: Message, signal: AbortSignal) => call('chat.postMessage', args, signal)
    const notifyIn = (alertsChannel: string) => async (notice: Notice, run: Run) => {
      const reply = await post(noticeMessage(notice, alertsChannel), run.signal)
      if (reply.ok) return
      const what = `chat.postMessage to ${alertsChannel}`
      return classify(reply.trouble, { what, channelFromEvent: false, redact })
    }
    const alertsChannel = settings.alerts_channel ?? (channelFromEvent ? undefined : channel)
    return {
      ...(alertsChannel === undefined ? {} : { notify: notifyIn(alertsChannel) }),
      async postUserRegistration(event, run) {
        const args = message(event)
        const reply = await post(args, run.signal)
        if (!reply.ok) {
          return classify(reply.trouble, {
            what: `chat.postMessage to ${args.channel}`,
            channelFromEvent,
            redact,
          })
        }
        const answer = posted.safeParse(reply.answer)
        return delivered(answer.success ? `${answer.data.channel} ${answer.data.ts}` : args.channel)
      },
      preview(event) {
        const args = message(event)
        return {
          title: `chat.postMessage to ${args.channel}`,
          contentType: 'application/json',
          body: JSON.stringify(args, null, 2),
        }
      },
      check: (run) => checkSlack({ call, channel, redact }, run.signal),
    }
  },
})
