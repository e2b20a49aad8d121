import { z } from 'zod'
import { DURATION, milliseconds } from './duration.ts'
import { OnSignupError } from './errors.ts'
import { intervalOf, RATE } from './rate.ts'

const duration = (description: string, least = 0) =>
  z
    .string()
    .regex(DURATION, 'write a duration: a number and a unit, as 10s, 5m or 1h')
    .transform(milliseconds)
    .refine((ms) => ms >= least, 'it must be longer than 0')
    .meta({ description, examples: ['10s'] })

const rate = z.string().regex(RATE, 'write a rate: a number, a stroke and a unit, as 10/s, 200/m or 5000/d')

const count = (from: number, to: number, description: string) =>
  z.int().min(from).max(to).meta({ description })

/** What any connector can be set to, whatever its plugin; the names are the YAML's. */
export const settingsSchema = z.strictObject({
  timeout: duration('How long one attempt may take. Default: 10s.', 1).optional(),
  concurrency: count(1, 1_000, 'How many attempts may run at once. Default: 5.').optional(),
  retry: z
    .strictObject({
      max_attempts: count(1, 1_000, 'Tries until a delivery is dead. Default: 12.').optional(),
      max_age: duration('Time since the first failure until a delivery is dead. Default: 24h.').optional(),
      initial: duration('Longest wait before the second try. Default: 2s.').optional(),
      factor: z
        .number()
        .min(1)
        .max(10)
        .meta({ description: 'How much longer each wait is. Default: 2.' })
        .optional(),
      max: duration('Longest wait between tries. Default: 15m.').optional(),
    })
    .meta({
      description: 'When a failed delivery is tried again; waits are drawn at random up to the backoff.',
    })
    .optional(),
  rate: z
    .union([
      rate.meta({ examples: ['10/s'] }),
      z.strictObject({
        limit: rate.meta({
          description: 'Most attempts in a time, evenly spread: `10/s`, `200/m`, `5000/d`.',
        }),
        burst: count(1, 1_000, 'How many may go at once after a quiet time. Default: 1.').optional(),
        key: z
          .string()
          .min(1)
          .optional()
          .meta({
            description:
              'A Liquid template: attempts for which it gives another text have a limit of their own.',
            template: true,
            examples: ['{{ user.tenant }}'],
          }),
        bucket: z
          .string()
          .regex(
            /^[a-z][a-z0-9_-]{0,62}$/,
            'write a small letter, then at most 62 small letters, digits, - and _',
          )
          .optional()
          .meta({
            description:
              'Connectors that name the same bucket share it; give them the same limit. Default: its own.',
          }),
      }),
    ])
    .meta({
      description:
        'How many attempts may start in a time, as `10/s`, `200/m` or `{ limit: 10/s, burst: 5 }`; the others wait, which is no failure. A batch is one. Default: no limit.',
    })
    .optional(),
  batch: z
    .strictObject({
      max_records: count(1, 10_000, 'Most deliveries in one call.').optional(),
      max_wait: duration('How long the first delivery waits for others.').optional(),
    })
    .meta({ description: 'For plugins that send many at once.' })
    .optional(),
  on_unknown: z
    .enum(['retry', 'hold'])
    .meta({
      description:
        'After a request whose answer was lost: try again (one repeat is possible) or hold it for you to decide. Default: retry.',
    })
    .optional(),
  unknown_repeats: count(0, 100, 'Tries again after lost answers. Default: 1.').optional(),
  on_test: z
    .enum(['skip', 'deliver'])
    .meta({ description: "What to do with a provider's test events. Default: skip." })
    .optional(),
})

/** Durations as in the YAML: `{ timeout: '10s', retry: { max_attempts: 5 } }`. */
export type Settings = z.input<typeof settingsSchema>

/** Every setting decided; durations in milliseconds. */
export interface ResolvedSettings {
  readonly timeout: number
  readonly concurrency: number
  readonly retry: {
    readonly max_attempts: number
    readonly max_age: number
    readonly initial: number
    readonly factor: number
    readonly max: number
  }
  /** `interval` in milliseconds from one to the next; null: no limit. */
  readonly rate: {
    readonly interval: number
    readonly burst: number
    readonly key: string | null
    readonly bucket: string | null
  } | null
  readonly batch: { readonly max_records: number; readonly max_wait: number }
  readonly on_unknown: 'retry' | 'hold'
  readonly unknown_repeats: number
  readonly on_test: 'skip' | 'deliver'
}

/** Used where neither the configuration nor the plugin says anything. */
export const DEFAULT_SETTINGS: ResolvedSettings = {
  timeout: 10_000,
  concurrency: 5,
  retry: { max_attempts: 12, max_age: 86_400_000, initial: 2_000, factor: 2, max: 900_000 },
  rate: null,
  batch: { max_records: 1, max_wait: 0 },
  on_unknown: 'retry',
  unknown_repeats: 1,
  on_test: 'skip',
}

const parse = (layer: Settings | undefined): z.output<typeof settingsSchema> => {
  const parsed = settingsSchema.safeParse(layer ?? {})
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`,
  )
  throw new OnSignupError('options_invalid', `settings: ${issues.join('; ')}`, {
    mend: `the settings are ${Object.keys(settingsSchema.shape).join(', ')}`,
  })
}

const rateOf = (rate: NonNullable<z.output<typeof settingsSchema>['rate']>): ResolvedSettings['rate'] => {
  const { limit, burst = 1, key = null, bucket = null } = typeof rate === 'string' ? { limit: rate } : rate
  return { interval: intervalOf(limit), burst, key, bucket }
}

const over = (below: ResolvedSettings, layer: Settings | undefined): ResolvedSettings => {
  const set = parse(layer)
  return {
    timeout: set.timeout ?? below.timeout,
    concurrency: set.concurrency ?? below.concurrency,
    retry: {
      max_attempts: set.retry?.max_attempts ?? below.retry.max_attempts,
      max_age: set.retry?.max_age ?? below.retry.max_age,
      initial: set.retry?.initial ?? below.retry.initial,
      factor: set.retry?.factor ?? below.retry.factor,
      max: set.retry?.max ?? below.retry.max,
    },
    rate: set.rate === undefined ? below.rate : rateOf(set.rate),
    batch: {
      max_records: set.batch?.max_records ?? below.batch.max_records,
      max_wait: set.batch?.max_wait ?? below.batch.max_wait,
    },
    on_unknown: set.on_unknown ?? below.on_unknown,
    unknown_repeats: set.unknown_repeats ?? below.unknown_repeats,
    on_test: set.on_test ?? below.on_test,
  }
}

/** The configuration's settings over the plugin's defaults over ours; throws `options_invalid`. */
export const resolveSettings = (configured?: Settings, plugin?: Settings): ResolvedSettings =>
  over(over(DEFAULT_SETTINGS, plugin), configured)
