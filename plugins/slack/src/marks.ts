import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { JsonObject } from './blocks.ts'

/** Characters of one mark: 60 bits, so that none is taken for another. */
const LENGTH = 10

/**
 * Slack names no size that metadata may have; 8,000 characters are what others keep to. One message's marks take 7,000 at
 * most, and what Slack still refuses as metadata_too_large goes in halves.
 */
const MOST = 700

const SINGLE = 'user_registered'
const DIGEST = 'users_registered'

/** What a delivery's message carries, by which it is known again: nothing of anybody, since any app may read it. */
export const markOf = (idempotencyKey: string): string =>
  createHash('sha256').update(idempotencyKey).digest('base64url').slice(0, LENGTH)

export interface Metadata {
  readonly event_type: string
  readonly event_payload: JsonObject
}

/** The metadata of one sign-up's message. */
export const singleMetadata = (event: string, idempotencyKey: string): Metadata => ({
  event_type: SINGLE,
  event_payload: { id: event, marks: markOf(idempotencyKey) },
})

/** The metadata of a digest: a mark for each of its deliveries, or none where there are too many. */
export const digestMetadata = (idempotencyKeys: readonly string[]): Metadata => ({
  event_type: DIGEST,
  event_payload: {
    count: idempotencyKeys.length,
    ...(idempotencyKeys.length > MOST ? {} : { marks: idempotencyKeys.map(markOf).join('') }),
  },
})

const message = z.object({
  ts: z.string().max(40),
  metadata: z.object({
    event_type: z.enum([SINGLE, DIGEST]),
    event_payload: z.object({
      marks: z
        .string()
        .max(MOST * LENGTH)
        .optional(),
    }),
  }),
})

const apart = (marks: string): readonly string[] =>
  Array.from({ length: Math.floor(marks.length / LENGTH) }, (_, index) =>
    marks.slice(index * LENGTH, (index + 1) * LENGTH),
  )

/** A message of a channel's history that this plugin may have posted; `named`: the marks of its deliveries, null where they are too many. */
export interface Marked {
  readonly ts: string
  readonly named: readonly string[] | null
}

/** Undefined for a message that carries no metadata of ours. */
export const readMarks = (found: unknown): Marked | undefined => {
  const read = message.safeParse(found)
  if (!read.success) return undefined
  const { ts, metadata } = read.data
  const { marks } = metadata.event_payload
  return { ts, named: marks === undefined ? null : apart(marks) }
}
