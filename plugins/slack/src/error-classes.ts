import { formatDuration, type ErrorClass } from '@onsignup/core'
import { PLATFORM, STATUSES, TRANSPORT, UNLISTED, UNLISTED_TRIES, WEBHOOK, type Meaning } from './errors.ts'

const classOf = ({ kind, mend, after }: Meaning, signals: readonly string[]): ErrorClass => ({
  signals,
  kind: kind === 'channel' ? 'misconfigured' : kind,
  ...(kind === 'channel' ? { note: 'rejected, if `channel` is a template' } : {}),
  ...(after === undefined ? {} : { note: `after ${formatDuration(after)}, unless Slack says when` }),
  ...(mend === undefined ? {} : { mend }),
})

/** The codes of one meaning together, in the order of their first. */
const grouped = (meanings: ReadonlyMap<string, Meaning>, prefix = ''): readonly ErrorClass[] => {
  const groups = new Map<Meaning, string[]>()
  for (const [code, meaning] of meanings) {
    groups.set(meaning, [...(groups.get(meaning) ?? []), `${prefix}${code}`])
  }
  return [...groups].map(([meaning, codes]) => classOf(meaning, codes))
}

const statuses = STATUSES.map(({ from, to, meaning }) =>
  classOf(meaning, [`http_${from}${from === to ? '' : ` to http_${to}, if not above`}`]),
)

/** Every signal of Slack that is known, and what it means here. */
export const errorClasses: readonly ErrorClass[] = [
  ...grouped(PLATFORM),
  ...grouped(WEBHOOK, 'webhook: '),
  ...grouped(TRANSPORT),
  ...statuses,
  { signals: ['no_answer', 'answer_unreadable', 'another code of the connection'], kind: 'unknown' },
  {
    signals: ['another code of Slack'],
    kind: UNLISTED.kind,
    note: `${UNLISTED_TRIES} tries in all, then dead`,
  },
]
