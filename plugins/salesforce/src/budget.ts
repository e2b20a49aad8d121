import { throttled, type Clock, type Failure } from '@onsignup/core'

/** How long nothing is sent when the org's calls are used up; then one call shows how it is. */
const WAIT = 15 * 60_000

/** Keeps API calls of the org for its other integrations, which Salesforce would refuse when none are left. */
export interface Budget {
  /** What the last answer said of the calls of the last 24 hours, as `18/5000`. */
  note(usage: string | undefined): void
  /** Why nothing may be sent now; undefined when something may. */
  refusal(): Failure | undefined
}

/** `share`: of the org's daily calls, from 0 to 1. */
export const createBudget = (share: number, clock: Clock): Budget => {
  let last = ''
  let until = -Infinity
  return {
    note(usage) {
      const [used = Number.NaN, limit = Number.NaN] = (usage ?? '').split('/').map(Number)
      if (!(limit > 0 && used >= limit * share)) return
      last = `${used} of ${limit}`
      until = clock.now() + WAIT
    },
    refusal() {
      const after = until - clock.now()
      if (after <= 0) return undefined
      const percent = Math.round(share * 100)
      return throttled(
        `Salesforce: ${last} API calls of the last 24 hours are used, and this stops at ${percent} %`,
        {
          code: 'SF_API_SHARE',
          mend: 'wait, raise the API calls of the org, or raise max_api_usage',
          after,
        },
      )
    },
  }
}
