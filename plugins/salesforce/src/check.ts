import type { Finding, Run } from '@onsignup/core'
import { z } from 'zod'
import { failed, objectFindings, proved, unproved } from './check-object.ts'
import { classifyTrouble } from './classify.ts'
import type { Client } from './client.ts'
import type { Options } from './options.ts'
import { Trouble } from './trouble.ts'

const limitsAnswer = z.object({ DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }) })

const callsFinding = (used: number, limit: number): Finding => {
  const what = `${used} of ${limit} API calls of the last 24 hours are used`
  return used < limit
    ? proved(what)
    : failed(what, 'wait, or raise the API calls of the org: further calls are refused')
}

const limitsFinding = async (
  options: Options,
  client: Client,
  run: Run,
  usage?: string,
): Promise<Finding> => {
  const [used, limit] = (usage ?? '').split('/').map(Number)
  if (used !== undefined && limit !== undefined) return callsFinding(used, limit)
  const { json } = await client.send({ method: 'GET', path: `${base(options)}/limits` }, run.signal)
  const limits = limitsAnswer.safeParse(json)
  if (!limits.success) return unproved('how many API calls are left: Salesforce does not say')
  const { Max, Remaining } = limits.data.DailyApiRequests
  return callsFinding(Max - Remaining, Max)
}

const base = ({ api_version }: Options): string => `/services/data/v${api_version}`

/** Asks Salesforce all that can be asked without writing a record. */
export const createCheck = (options: Options, client: Client) => {
  const findingOf = (error: unknown, doing: string): Finding => {
    if (!(error instanceof Trouble)) throw error
    const outcome = classifyTrouble(error, { options, attempt: 1, doing })
    if (outcome.kind === 'skipped') return unproved(outcome.reason)
    // What may pass by itself proves nothing about the configuration.
    const final = outcome.kind === 'misconfigured' || outcome.kind === 'rejected'
    return {
      state: final ? 'failed' : 'unproved',
      what: outcome.message,
      ...(outcome.mend === undefined ? {} : { mend: outcome.mend }),
    }
  }

  return async (run: Run): Promise<readonly Finding[]> => {
    const findings: Finding[] = []
    let doing = 'sign-in'
    try {
      const { instance, user } = await client.signIn(run.signal)
      findings.push(proved(`the credentials open ${instance}${user === undefined ? '' : ` as user ${user}`}`))

      doing = `description of ${options.object}`
      const path = `${base(options)}/sobjects/${options.object}/describe`
      const { json, usage } = await client.send({ method: 'GET', path }, run.signal)
      findings.push(...objectFindings(options, json, doing))
      doing = 'limits'
      findings.push(await limitsFinding(options, client, run, usage))
      findings.push(
        unproved("nothing was written: the org's validation rules, triggers and flows were not tried"),
      )
    } catch (error) {
      findings.push(findingOf(error, doing))
    }
    return findings
  }
}
