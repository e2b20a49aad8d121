import type { Finding, Run } from '@onsignup/core'
import { z } from 'zod'
import { failed, mappingFindings, proved, unproved } from './mapping-findings.ts'
import { classifyTrouble } from './classify.ts'
import type { Client } from './client.ts'
import type { Descriptions } from './description.ts'
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

const versionsAnswer = z.array(z.object({ version: z.string() })).min(1)

/** Salesforce retires versions some years after they came (REST API Developer Guide, API End-of-Life Policy, 2026-06). */
const versionFinding = async ({ api_version }: Options, client: Client, run: Run): Promise<Finding> => {
  const { json } = await client.send({ method: 'GET', path: '/services/data' }, run.signal)
  const versions = versionsAnswer.safeParse(json)
  if (!versions.success) return unproved(`that the org offers API version ${api_version}: it does not say`)
  const offered = versions.data.map(({ version }) => version)
  const range = `${offered[0]} to ${offered.at(-1)}`
  return offered.includes(api_version)
    ? proved(`the org offers API version ${api_version}, of ${range}`)
    : failed(
        `the org offers no API version ${api_version}, but ${range}`,
        `set api_version to '${offered.at(-1)}'`,
      )
}

/** A mistake in the mapping keeps a parked connector parked only where it parks one. */
const weighed = ({ validate }: Options, finding: Finding): Finding =>
  finding.state === 'failed' && validate !== 'strict' ? { ...finding, state: 'unproved' } : finding

const base = ({ api_version }: Options): string => `/services/data/v${api_version}`

/** Asks Salesforce all that can be asked without writing a record. */
export const createCheck = (options: Options, client: Client, descriptions: Descriptions) => {
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

      doing = 'versions'
      findings.push(await versionFinding(options, client, run))
      doing = `description of ${options.object}`
      const { description, usage } = await descriptions.fresh(run.signal)
      findings.push(...mappingFindings(options, description).map((finding) => weighed(options, finding)))
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
