const ID = /^[A-Z][A-Z0-9]{5,20}$/
const NAME = /^#[^\s#,]{1,80}$/

/** Whether an option holds a Liquid template. */
export const isTemplate = (source: string): boolean => /\{[{%]/.test(source)

export const isChannelId = (channel: string): boolean => ID.test(channel)

/** Whether it has the form of a channel's ID or of a name with its #. */
export const isChannel = (channel: string): boolean => ID.test(channel) || NAME.test(channel)
