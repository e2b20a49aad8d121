import {
  delivered,
  Failure,
  rejected,
  retry,
  type Attempt,
  type BatchHook,
  type Outcome,
  type Run,
} from '@onsignup/core'
import { z } from 'zod'
import type { Budget } from './budget.ts'
import { classifyRecord, classifyTrouble, type Situation } from './classify.ts'
import type { Client } from './client.ts'
import type { Options } from './options.ts'
import { createFit, MOST_RECORDS, requestFor, type Mapped, type Mapping } from './record.ts'
import { Trouble, unreadable } from './trouble.ts'
import type { Validation } from './validation.ts'

/** A record of a call, and the items that it stands for: more than one when they share an external id. */
interface Entry extends Mapped {
  readonly positions: number[]
  /** Their ways to tell what is sent. */
  readonly tell: Attempt['sending'][]
  readonly attempt: number
}

const saveResult = z.object({
  success: z.boolean(),
  id: z.string().nullish(),
  created: z.boolean().nullish(),
  errors: z
    .array(
      z.object({
        statusCode: z.string(),
        message: z.string().catch(''),
        fields: z.array(z.string()).nullish().catch([]),
      }),
    )
    .catch([]),
})

const outcomeOf = (result: z.output<typeof saveResult>, situation: Situation): Outcome => {
  const { object, operation } = situation.options
  if (!result.success) {
    const errors = result.errors.map(({ statusCode, message, fields }) => ({
      code: statusCode,
      message,
      fields: fields ?? [],
    }))
    return classifyRecord(errors, situation)
  }
  const done = operation === 'create' || result.created === true ? 'created' : 'updated'
  return delivered(`${object} ${result.id ?? '(no id)'} ${done}`)
}

/** What a connector works with. */
export interface Parts {
  readonly client: Client
  readonly budget: Budget
  readonly validation: Validation
}

/** The batch hook: one call for up to 200 records, an outcome for each item. */
export const createDeliver = (options: Options, mapping: Mapping, parts: Parts): BatchHook => {
  const { client, budget, validation } = parts

  const situationOf = ({ externalId, attempt }: Entry): Situation => ({
    options,
    attempt,
    doing: `${options.operation} of ${options.object}${externalId === undefined ? '' : ` ${externalId}`}`,
  })

  const call = async (entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> => {
    for (const { record, tell } of entries) for (const sending of tell) sending?.(JSON.stringify(record))
    const ask = requestFor(
      options,
      entries.map(({ record }) => record),
    )
    const { json, usage } = await client.send(ask, signal)
    budget.note(usage)
    const results = z.array(saveResult).length(entries.length).safeParse(json)
    if (!results.success) throw unreadable('request', `not ${entries.length} save results`)
    return entries.map((entry, at) => {
      const result = results.data[at]
      return result === undefined ? retry('Salesforce: no result') : outcomeOf(result, situationOf(entry))
    })
  }

  const send = async (entries: readonly Entry[], signal: AbortSignal): Promise<readonly Outcome[]> => {
    const refusal = budget.refusal()
    if (refusal !== undefined) return entries.map(() => refusal)
    try {
      return await call(entries, signal)
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      const outcomes = entries.map((entry) => classifyTrouble(error, situationOf(entry)))
      const isData = outcomes.some((outcome) => outcome.kind === 'rejected')
      if (!isData || entries.length === 1) return outcomes
      // Nothing of it was saved, and one record is to blame: the halves find it, and save the others.
      const half = Math.ceil(entries.length / 2)
      return [...(await send(entries.slice(0, half), signal)), ...(await send(entries.slice(half), signal))]
    }
  }

  const deliver = async (entries: readonly Entry[], run: Run): Promise<readonly Outcome[]> => {
    if (entries.length === 0) return []
    const used = budget.refusal()
    if (used !== undefined) return entries.map(() => used)
    const attempt = Math.min(...entries.map((entry) => entry.attempt))
    const { refusal, description } = await validation.admit(run, attempt)
    if (refusal !== undefined) return entries.map(() => refusal)
    const fit = description === undefined ? undefined : createFit(description, options)
    const ready =
      fit === undefined ? entries : entries.map((entry) => ({ ...entry, record: fit(entry.record) }))
    const outcomes: Outcome[] = []
    for (let from = 0; from < ready.length; from += MOST_RECORDS) {
      outcomes.push(...(await send(ready.slice(from, from + MOST_RECORDS), run.signal)))
    }
    validation.note(outcomes)
    return outcomes
  }

  return async (items, run) => {
    const outcomes: Outcome[] = []
    const entries: Entry[] = []
    const byId = new Map<string, Entry>()
    for (const [position, { event, attempt, sending }] of items.entries()) {
      try {
        const mapped = mapping(event)
        const twin = mapped.externalId === undefined ? undefined : byId.get(mapped.externalId)
        if (twin !== undefined) {
          twin.positions.push(position)
          twin.tell.push(sending)
          continue
        }
        const entry = { ...mapped, attempt, positions: [position], tell: [sending] }
        if (mapped.externalId !== undefined) byId.set(mapped.externalId, entry)
        entries.push(entry)
      } catch (cause) {
        outcomes[position] = unmappable(cause)
      }
    }
    const settled = await deliver(entries, run)
    for (const [at, { positions }] of entries.entries()) {
      for (const position of positions) outcomes[position] = settled[at] ?? retry('Salesforce: no result')
    }
    return outcomes
  }
}

const unmappable = (cause: unknown): Outcome =>
  Failure.is(cause)
    ? cause
    : rejected(
        `Salesforce: no record can be made of this event: ${cause instanceof Error ? cause.message : cause}`,
        {
          code: 'unmappable',
          mend: 'correct the template that the message names',
          cause,
        },
      )
