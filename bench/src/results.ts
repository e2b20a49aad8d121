import { z } from 'zod'
import { sampleSchema } from './job.ts'
import { median } from './statistics.ts'

const diskSchema = z.object({ p10: z.number(), p50: z.number(), p90: z.number() })

const rowSchema = z.object({
  name: z.string(),
  engine: z.string(),
  events: z.number(),
  callers: z.number(),
  /** One for each repeat. */
  samples: z.array(sampleSchema),
  /** Why there are none. */
  absent: z.string().nullable(),
})

export type Row = z.output<typeof rowSchema>

const partSchema = z.object({
  at: z.iso.datetime(),
  quick: z.boolean(),
  repeats: z.number(),
  machine: z.object({ cpu: z.string(), cores: z.number(), memoryGb: z.number(), system: z.string() }),
  /** Of Node, the engines and their servers. */
  versions: z.record(z.string(), z.string()),
  /** Processes that wanted a core before the run began: near 0 on a quiet machine. */
  load: z.number(),
  /** 4 KB overwrites made durable in a second. */
  disk: z.object({ before: diskSchema, after: diskSchema }),
  rows: z.array(rowSchema),
})

export type Part = z.output<typeof partSchema>

export const resultsSchema = z.object({ parts: z.record(z.string(), partSchema) })

export type Results = z.output<typeof resultsSchema>

/** The row of that name and engine, whichever part it stands in. */
export const findRow = ({ parts }: Results, name: string, engine: string): Row | undefined =>
  Object.values(parts)
    .flatMap(({ rows }) => rows)
    .find((row) => row.name === name && row.engine === engine)

/** One number of every repeat. */
export const valuesOf = (row: Row | undefined, metric: string): readonly number[] =>
  (row?.samples ?? []).flatMap((sample) => sample[metric] ?? [])

export const medianOf = (row: Row | undefined, metric: string): number | null => {
  const values = valuesOf(row, metric)
  return values.length === 0 ? null : median(values)
}
