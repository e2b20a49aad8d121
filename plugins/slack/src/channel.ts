import { rejected, type RegistrationEvent, type Templates } from '@onsignup/core'
import { clean } from './text.ts'

const ID = /^[A-Z][A-Z0-9]{5,20}$/
const NAME = /^#[^\s#,]{1,80}$/

/** Whether an option holds a Liquid template. */
export const isTemplate = (source: string): boolean => /\{[{%]/.test(source)

export const isChannelId = (channel: string): boolean => ID.test(channel)

/** Whether it has the form of a channel's ID or of a name with its #. */
export const isChannel = (channel: string): boolean => ID.test(channel) || NAME.test(channel)

/** The channel of an event; throws a rejection when a template gives none. */
export const compileChannel = (
  channel: string,
  templates: Templates,
): ((event: RegistrationEvent) => string) => {
  if (!isTemplate(channel)) return () => channel
  const render = templates.text(channel, clean)
  return (event) => {
    const name = render(event).trim()
    if (isChannel(name)) return name
    throw rejected(`the channel template gives ${JSON.stringify(name.slice(0, 80))}, which is no channel`, {
      code: 'channel_invalid',
      mend: 'let `channel` always give an ID as C0123456789, or a name as #signups; Liquid has `default` for unknown values',
    })
  }
}
