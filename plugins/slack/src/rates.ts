import { createHash } from 'node:crypto'
import type { Limit } from '@onsignup/core'

// About one message a second and channel, short bursts, and several hundred a minute in all:
// https://docs.slack.dev/apis/web-api/rate-limits (2026-11)
const CHANNEL = { rate: '1/s', burst: 3 } as const
const WORKSPACE = { rate: '200/m', burst: 20 } as const

/** The limits of one token, which all connectors that use it share. */
export interface Rates {
  /** What Slack means when it limits the rate. */
  readonly workspace: string
  of(channel: string): readonly Limit[]
}

/** `account`: what Slack counts by, a token or a webhook; a secret, of which the buckets' names hold a hash. */
export const ratesOf = (account: string): Rates => {
  const name = createHash('sha256').update(account).digest('hex').slice(0, 16)
  const workspace = `workspace ${name}`
  return {
    workspace,
    of: (channel) => [
      { bucket: `channel ${name} ${channel}`, ...CHANNEL },
      { bucket: workspace, ...WORKSPACE },
    ],
  }
}
