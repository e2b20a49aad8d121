import { jobSchema, type Answer, type Job, type Measure, type Sample } from './job.ts'
import { NotPresent } from './servers/server.ts'

const MEASURES: Readonly<Record<Job['measure'], () => Promise<Measure>>> = {
  accept: async () => (await import('./measures/accept.ts')).measureAccept,
  whole: async () => (await import('./measures/whole-job.ts')).measureWholeJob,
  latency: async () => (await import('./measures/latency.ts')).measureLatency,
  fill: async () => (await import('./measures/fill.ts')).fill,
  claim: async () => (await import('./measures/claim.ts')).measureClaim,
  drain: async () => (await import('./measures/drain.ts')).measureDrain,
  http: async () => (await import('./measures/http.ts')).measureHttp,
  'start-up': async () => (await import('./measures/start-up.ts')).measureStartUp,
}

const rounded = (sample: Sample): Sample =>
  Object.fromEntries(
    Object.entries(sample)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => [name, Number(value.toPrecision(4))]),
  )

const answer = async (job: Job): Promise<Answer> => {
  try {
    const measure = await MEASURES[job.measure]()
    return { sample: rounded(await measure(job)) }
  } catch (error) {
    if (error instanceof NotPresent) return { absent: error.message }
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

// Some engines let the event loop run empty while they close.
setInterval(() => {}, 1_000)

// The parent waits for the end of this process, whatever an engine leaves running in it.
const told = await answer(jobSchema.parse(JSON.parse(process.argv[2] ?? '')))
process.send?.(told, () => process.exit())
