import assert from 'node:assert/strict'
import { PLUGIN } from '../contract.ts'
import { isPlugin, type Plugin } from '../define-plugin.ts'
import { OnSignupError } from '../errors.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { secretsOf } from '../secrets.ts'
import { connectPlugin, recordingLogger, sampleEvent, testRun, testServices } from './fakes.ts'

/** One case of a conformance suite, for any test runner: `for (const { name, run } of cases) test(name, run)`. */
export interface Case {
  readonly name: string
  readonly run: () => Promise<void>
}

export interface PluginCasesOptions {
  /** Options that the plugin accepts. */
  readonly with: unknown
  /** Default: Auth0's sample registration. */
  readonly event?: RegistrationEvent
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const noNetwork = (): Promise<Response> => Promise.reject(new Error('connect must open no network'))

/** A user of whom nearly nothing is known, and what is known is hostile. */
const hostile = (): RegistrationEvent =>
  sampleEvent({
    user: {
      email: null,
      emailVerified: null,
      phone: null,
      username: null,
      name: '<!channel> \u202Egnp.exe\r\nBcc: <evil@example.com>',
      givenName: null,
      familyName: null,
      user_metadata: { ['__proto__x']: 'x' },
    },
    context: { connection: { id: null, name: null } },
  })

/** What every plugin keeps to, whatever it does. */
export const pluginCases = (plugin: Plugin, options: PluginCasesOptions): readonly Case[] => {
  const event = options.event ?? sampleEvent()
  const offline = () => testServices({ fetch: noNetwork })
  return [
    {
      name: 'is what definePlugin returns, frozen, with a name',
      async run() {
        assert.ok(isPlugin(plugin))
        assert.equal(typeof plugin[PLUGIN], 'number')
        assert.ok(Object.isFrozen(plugin))
        assert.match(plugin.name, /^[a-z][a-z0-9-]*$/)
      },
    },
    {
      name: 'describes its options as a JSON Schema object',
      async run() {
        const schema = plugin.options['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
        assert.equal(schema['type'], 'object')
      },
    },
    {
      name: 'connects without opening the network',
      async run() {
        const connector = await connectPlugin(plugin, options.with, offline())
        await connector.close?.()
      },
    },
    {
      name: 'refuses options that are not an object with an error that says so',
      async run() {
        await assert.rejects(
          connectPlugin(plugin, 'nonsense', offline()),
          (error) => error instanceof OnSignupError && error.code === 'options_invalid',
        )
      },
    },
    {
      name: 'previews the same event the same way twice, without its secrets',
      async run() {
        const connector = await connectPlugin(plugin, options.with, offline())
        if (!connector.preview) return
        const first = await connector.preview(event)
        assert.deepEqual(await connector.preview(event), first)
        for (const secret of secretsOf(plugin.options, options.with)) {
          assert.ok(!JSON.stringify(first).includes(secret), 'the preview holds a secret')
        }
        await connector.close?.()
      },
    },
    {
      name: 'previews a user of whom little is known and a name that is hostile, or refuses with an Error',
      async run() {
        const connector = await connectPlugin(plugin, options.with, offline())
        try {
          await connector.preview?.(hostile())
        } catch (error) {
          assert.ok(error instanceof Error)
        } finally {
          await connector.close?.()
        }
      },
    },
    {
      name: 'ends an attempt whose signal has aborted, and logs no secret',
      async run() {
        const services = testServices({ fetch: noNetwork })
        const logger = recordingLogger()
        const connector = await connectPlugin(plugin, options.with, { ...services, logger })
        const run = testRun({ signal: AbortSignal.abort(new Error('deadline')), logger })
        const settle = connector.postUserRegistration
          ? Promise.resolve(connector.postUserRegistration(event, run))
          : connector.postUserRegistrationBatch([{ ...run, event }], run)
        const [result] = await Promise.allSettled([settle])
        const told = JSON.stringify([result, logger.lines], (_key, value: unknown) =>
          value instanceof Error ? { ...value, message: value.message, cause: value.cause } : value,
        )
        for (const secret of secretsOf(plugin.options, options.with)) {
          assert.ok(!told.includes(secret), 'an outcome or a log line holds a secret')
        }
        await connector.close?.()
      },
    },
    {
      name: 'leaves the event as it was',
      async run() {
        const before = structuredClone(event)
        const connector = await connectPlugin(plugin, options.with, offline())
        await connector.preview?.(event)
        assert.deepEqual(event, before)
        assert.ok(isObject(event))
        await connector.close?.()
      },
    },
  ]
}
