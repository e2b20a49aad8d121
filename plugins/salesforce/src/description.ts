import { z } from 'zod'
import type { Budget } from './budget.ts'
import type { Answer, Client } from './client.ts'
import type { Options } from './options.ts'
import { unreadable } from './trouble.ts'

// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm (2026-06)
const descriptionShape = z.object({
  createable: z.boolean(),
  updateable: z.boolean(),
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string().catch(''),
      type: z.string(),
      /** In characters; 0 for types that have none. */
      length: z.number().catch(0),
      createable: z.boolean(),
      updateable: z.boolean(),
      nillable: z.boolean(),
      defaultedOnCreate: z.boolean(),
      externalId: z.boolean().catch(false),
      unique: z.boolean().catch(false),
      caseSensitive: z.boolean().catch(false),
      restrictedPicklist: z.boolean().catch(false),
      picklistValues: z
        .array(z.object({ value: z.string(), active: z.boolean().catch(true) }))
        .catch([])
        .transform((values) => values.filter(({ active }) => active).map(({ value }) => value)),
    }),
  ),
})

/** What the org says of the object, as far as the run-as user sees it. */
export type Description = z.output<typeof descriptionShape>
export type Field = Description['fields'][number]

/** What of an answer is used; undefined when it is none. */
export const descriptionOf = (json: unknown): Description | undefined => descriptionShape.safeParse(json).data

/** The field of that name; Salesforce ignores case. */
export const findField = ({ fields }: Description, name: string): Field | undefined =>
  fields.find((field) => field.name.toLowerCase() === name.toLowerCase())

/** The description of the object, asked for once and kept until it is doubted. */
export interface Descriptions {
  /** The one that is kept, or a new one; throws Trouble. */
  current(signal: AbortSignal): Promise<Description>
  /** A new one, kept from now on, and what the answer said beside it; throws Trouble. */
  fresh(signal: AbortSignal): Promise<{ readonly description: Description; readonly usage: Answer['usage'] }>
  /** The org has changed: the next one is asked for. */
  doubt(): void
}

export const createDescriptions = (
  { api_version, object }: Options,
  client: Client,
  budget: Budget,
): Descriptions => {
  const path = `/services/data/v${api_version}/sobjects/${object}/describe`
  let kept: Description | undefined
  let asking: Promise<Description> | undefined
  const fresh: Descriptions['fresh'] = async (signal) => {
    const { json, usage } = await client.send({ method: 'GET', path }, signal)
    budget.note(usage)
    const description = descriptionOf(json)
    if (description === undefined) throw unreadable('read', `no description of ${object}`)
    kept = description
    return { description, usage }
  }
  return {
    fresh,
    async current(signal) {
      if (kept !== undefined) return kept
      // The start and the first deliveries come together; each has its own time, so that one's failure is its own.
      if (asking !== undefined) {
        const shared = await asking.catch(() => undefined)
        if (shared !== undefined) return shared
      }
      asking = fresh(signal).then(({ description }) => description)
      try {
        return await asking
      } finally {
        asking = undefined
      }
    },
    doubt() {
      kept = undefined
    },
  }
}
