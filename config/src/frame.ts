import { milliseconds, type Settings } from '@onsignup/core'
import { DURATION, settingsSchema } from '@onsignup/core/engine'
import { z } from 'zod'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/

const serverSchema = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(8080)
      .meta({ description: 'The port that the program listens at; 0 takes a free one.' }),
    host: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'The address that it listens at. Default: 127.0.0.1, with a token 0.0.0.0.' }),
    token: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'write a token without spaces, or remove the key')
      .optional()
      .meta({
        writeOnly: true,
        description: 'What callers send as Authorization: Bearer …. Without it only this machine may call.',
      }),
    grace: z
      .string()
      .regex(DURATION, 'write a duration: a number and a unit, as 10s, 5m or 1h')
      .prefault('8s')
      .transform(milliseconds)
      .meta({ description: 'How long a stop waits for what is in flight.' }),
  })
  .check(({ value: { host, token }, issues }) => {
    if (host === undefined || token !== undefined || LOOPBACK.test(host)) return
    issues.push({
      code: 'custom',
      input: host,
      path: ['host'],
      message: 'without a token only this machine may call',
      params: { mend: 'set server.token, or leave host out' },
    })
  })
  .meta({ description: 'Where registrations come in.' })

const storeSchema = z
  .string()
  .min(1)
  .refine((store) => !/^postgres(ql)?:/i.test(store), {
    message: 'PostgreSQL is not supported yet',
    params: { mend: 'write the path of an SQLite file, as ./data/onsignup.db' },
  })
  .refine((store) => /^postgres(ql)?:/i.test(store) || !/^[a-z][a-z0-9+.-]*:\/\//i.test(store), {
    message: 'the store is a file, not an address',
    params: { mend: 'write the path of an SQLite file, as ./data/onsignup.db' },
  })
  .default('./data/onsignup.db')
  .meta({ description: 'The SQLite file that keeps events and deliveries; made when it is not there.' })

const retentionSchema = z
  .string()
  .regex(DURATION, 'write a duration: a number and a unit, as 720h')
  .transform(milliseconds)
  .refine((ms) => ms > 0, 'it must be longer than 0')
  .optional()
  .meta({
    description:
      'How long an event is kept after all its deliveries ended. That it was accepted is known for ever. Default: for ever.',
  })

const alertsSchema = z
  .string()
  .optional()
  .meta({
    description:
      'The connector that is told when another is parked: a Slack one, an e-mail one with alerts_to, or your own with notify. Default: the log only.',
    examples: ['team-slack'],
  })

/** A connector without what its plugin says about it. */
export const connectorSchema = z.strictObject({
  uses: z
    .string()
    .min(1)
    .meta({ description: 'The plugin: a built-in name, an npm package, or a file as ./hello.ts.' }),
  if: z
    .string()
    .optional()
    .meta({ description: 'A Liquid condition; registrations for which it does not hold are skipped.' }),
  with: z.unknown().optional().meta({ description: "The plugin's options." }),
  ...settingsSchema.shape,
})

export const sourceUses = z
  .string()
  .min(1)
  .optional()
  .meta({ description: 'The provider, where the name is another. Default: the name.', examples: ['auth0'] })

/** The configuration file without the options of the plugins and the sources. */
export const frameSchema = z.strictObject({
  server: serverSchema.prefault({}),
  store: storeSchema,
  retention: retentionSchema,
  alerts: alertsSchema,
  sources: z
    .record(z.string(), z.looseObject({ uses: sourceUses }))
    .optional()
    .meta({
      description:
        'The identity providers that send registrations themselves, each at /sources/NAME. Default: none.',
    }),
  connectors: z.record(z.string(), connectorSchema).meta({
    description:
      'What runs on every registration: plugins, each under a name of yours. onsignup rename changes a name.',
  }),
})

/** Whether a value is settings as the YAML writes them. */
export const isSettings = (value: unknown): value is Settings => settingsSchema.safeParse(value).success
