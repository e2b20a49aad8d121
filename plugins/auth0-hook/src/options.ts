import { milliseconds } from '@onsignup/core'
import { z } from 'zod'
import { isPackageName, isVersion } from './modules/request.ts'

/** The longest `timeout` that a script may have; the connector's own must leave room for it. */
const LONGEST_TIMEOUT = '15m'

const isDuration = (text: string): boolean => {
  try {
    return milliseconds(text) > 0
  } catch {
    return false
  }
}

const SIZE = /^(\d+)(MB|GB)$/

/** Megabytes of a size as `128MB`. */
export const megabytes = (size: string): number => {
  const [, amount, unit] = SIZE.exec(size) ?? []
  return Number(amount) * (unit === 'GB' ? 1_024 : 1)
}

const texts = (description: string) =>
  z.record(z.string().min(1), z.string()).default({}).meta({ description })

/** The options of the Auth0 Hook plugin. */
export const optionsSchema = z.strictObject({
  script: z
    .string()
    .min(1)
    .meta({
      description:
        'The file of the Hook or the Action, relative to the folder of the configuration. It is CommonJS, as Auth0 exports it.',
      examples: ['./hooks/post-registration.js'],
    }),
  secrets: texts(
    'Secrets by name: context.webtask.secrets and .data of a Hook, event.secrets of an Action.',
  ).meta({ writeOnly: true, examples: [{ SLACK_HOOK: '${SLACK_HOOK}' }] }),
  dependencies: z
    .record(
      z.string().refine(isPackageName, 'write the name of a package, as axios'),
      z.string().refine(isVersion, 'write a version, as 1.2.3 or ^1.2.0'),
    )
    .default({})
    .meta({
      description:
        'Versions of the modules that the script requires without one, as Auth0 kept them for each script. `onsignup hooks install` installs them.',
      examples: [{ lodash: '4.17.21' }],
    }),
  meta: texts(
    "What a Hook finds in context.webtask.meta, beside hook-name. Default of hook-name: the connector's name.",
  ).meta({ examples: [{ 'hook-name': 'post-registration' }] }),
  env: texts(
    "Environment variables of the script's process, which gets nothing of the service's own but TZ and the certificate authorities.",
  ).meta({ writeOnly: true, examples: [{ HTTPS_PROXY: 'http://proxy.acme.com:3128' }] }),
  timeout: z
    .string()
    .default('20s')
    .refine(isDuration, 'write a duration longer than 0: a number and a unit, as 20s or 2m')
    .refine(
      (text) => !isDuration(text) || milliseconds(text) <= milliseconds(LONGEST_TIMEOUT),
      `a script may run for ${LONGEST_TIMEOUT} at most: write a shorter timeout`,
    )
    .meta({
      description: 'How long one run may take, work after the callback included. Default: 20s.',
      examples: ['20s'],
    }),
  memory: z
    .string()
    .regex(SIZE, 'write a size: a number and a unit, as 128MB or 1GB')
    .refine((text) => !SIZE.test(text) || megabytes(text) >= 16, 'Node needs at least 16MB')
    .default('128MB')
    .meta({
      description: "How large the script's JavaScript heap may grow. Default: 128MB.",
      examples: ['128MB'],
    }),
  on_no_callback: z.enum(['delivered', 'retry']).default('delivered').meta({
    description: 'What a run means that ended by itself and never called its callback. Default: delivered.',
  }),
  permissions: z.enum(['open', 'strict']).default('open').meta({
    description:
      "Strict: the script's process reads files of the script's folder alone, writes none, and starts no programs, threads or addons. Default: open.",
  }),
  reuse: z.boolean().default(true).meta({
    description: 'Whether a process that a run left as it was takes the next run. Default: true.',
  }),
  configuration: z.boolean().default(false).meta({
    description: 'Whether the script finds its secrets in a global `configuration` too, as Rules did.',
  }),
})

/** The options as `connect` gets them. */
export type Options = z.output<typeof optionsSchema>
