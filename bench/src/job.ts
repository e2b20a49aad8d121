import { z } from 'zod'

/** What one child process measures. Which numbers matter depends on the measure. */
export const jobSchema = z.object({
  measure: z.enum(['accept', 'whole', 'latency', 'fill', 'claim', 'drain', 'http', 'start-up']),
  engine: z.string(),
  events: z.number().default(0),
  callers: z.number().default(1),
  /** Deliveries that wait. */
  backlog: z.number().default(0),
  folder: z.string(),
  /** Path of the installed program. */
  program: z.string(),
})

export type Job = z.output<typeof jobSchema>

/** Numbers of one run, by the name of what was measured; those that could not be measured are left out. */
export const sampleSchema = z.record(z.string(), z.number())

export type Sample = z.output<typeof sampleSchema>

/** What a child tells: its numbers, or why the engine is not there. */
export const answerSchema = z.union([
  z.object({ sample: sampleSchema }),
  z.object({ absent: z.string() }),
  z.object({ failed: z.string() }),
])

export type Answer = z.output<typeof answerSchema>

export type Measure = (job: Job) => Promise<Sample>
