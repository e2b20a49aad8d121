import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { PLUGIN, type Attempt, type Connector, type Run } from '../contract.ts'
import { isPlugin, type Plugin } from '../define-plugin.ts'
import { OnSignupError } from '../errors.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { createRedact, secretsOf } from '../secrets.ts'
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

const ATTEMPT_ENDS_WITHIN = 5_000

/** A run whose deadline has passed, as an attempt sees it that was cut. */
const aborted = (logger = recordingLogger()) =>
  testRun({ signal: AbortSignal.abort(new DOMException('the deadline passed', 'AbortError')), logger })

/** Runs the hook for one delivery. */
const attempt = async (
  connector: Connector,
  event: RegistrationEvent,
  run: Run & Attempt,
): Promise<PromiseSettledResult<unknown>> =>
  ended(async () =>
    connector.postUserRegistration
      ? connector.postUserRegistration(event, run)
      : connector.postUserRegistrationBatch([{ ...run, event }], run),
  )

/** Waits for a call, and fails when it does not end though its signal has aborted. */
const ended = async (call: () => Promise<unknown>): Promise<PromiseSettledResult<unknown>> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    late.reject,
    ATTEMPT_ENDS_WITHIN,
    new Error('the attempt goes on after its signal aborted'),
  )
  try {
    const [result] = await Promise.race([Promise.allSettled([call()]), late.promise])
    return result
  } finally {
    clearTimeout(timer)
  }
}

/** What one delivery told that it sends, and whether a request had carried it already. */
interface Telling {
  readonly body: unknown
  readonly isLate: boolean
}

const textOf = (body: unknown): string =>
  body instanceof Uint8Array ? Buffer.from(body).toString() : String(body)

/** Runs the single hook and the batch hook, where there are, and gives what each delivery told. */
const tellings = async (
  connect: (fetch: typeof globalThis.fetch) => Promise<Connector>,
  event: () => RegistrationEvent,
): Promise<readonly (readonly Telling[])[]> => {
  const requests: string[] = []
  const connector = await connect(async (input, init) => {
    requests.push(await new Request(input, { ...init, signal: null }).text())
    return Response.json({})
  })
  const all: Telling[][] = []
  const items = ['key-1', 'key-2', 'key-3'].map((idempotencyKey) => {
    const told: Telling[] = []
    all.push(told)
    const sending = (body: unknown): void => {
      const text = textOf(body)
      const isLate = text !== '' && requests.some((request) => request.includes(text))
      told.push({ body, isLate })
    }
    return { ...aborted(), idempotencyKey, sending, event: event() }
  })
  const [single, ...batch] = items
  const { postUserRegistration: one, postUserRegistrationBatch: many } = connector
  if (one && single) await ended(async () => one(single.event, single))
  if (many) await ended(async () => many(batch, aborted()))
  await connector.close?.()
  return all
}

/** All of a value as text, with what JSON leaves out of errors. */
const shown = (value: unknown): string =>
  inspect(value, {
    depth: 20,
    maxArrayLength: null,
    maxStringLength: null,
    showHidden: true,
    breakLength: Infinity,
  })

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
  // A copy for each case, since one that a plugin changed would look unchanged to the next.
  const fresh = () => structuredClone(options.event ?? sampleEvent())
  const offline = () => testServices({ fetch: () => Promise.reject(new Error('there is no network here')) })
  const holdsSecret = (text: string): boolean =>
    createRedact(secretsOf(plugin.options, options.with))(text) !== text
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
        let calls = 0
        const services = testServices({
          fetch() {
            calls += 1
            return Promise.reject(new Error('connect must open no network'))
          },
        })
        const connector = await connectPlugin(plugin, options.with, services)
        await connector.close?.()
        assert.equal(calls, 0, 'connect opened the network')
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
        const first = await connector.preview(fresh(), testRun())
        assert.deepEqual(await connector.preview(fresh(), testRun()), first)
        assert.ok(!holdsSecret(shown(first)), 'the preview holds a secret')
        await connector.close?.()
      },
    },
    {
      name: 'previews a user of whom little is known and a name that is hostile, or refuses with an Error',
      async run() {
        const connector = await connectPlugin(plugin, options.with, offline())
        try {
          await connector.preview?.(hostile(), testRun())
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
        const logger = recordingLogger()
        const connector = await connectPlugin(plugin, options.with, { ...offline(), logger })
        const result = await attempt(connector, fresh(), aborted(logger))
        assert.ok(!holdsSecret(shown([result, logger.lines])), 'an outcome or a log line holds a secret')
        await connector.close?.()
      },
    },
    {
      name: 'tells, if it does, what it sends before the request, once for each delivery, and without its secrets',
      async run() {
        const connect = (fetch: typeof globalThis.fetch) =>
          connectPlugin(plugin, options.with, testServices({ fetch }))
        for (const told of await tellings(connect, fresh)) {
          assert.ok(told.length <= 1, `one delivery told ${told.length} times what it sends`)
          for (const { body, isLate } of told) {
            assert.ok(
              typeof body === 'string' || body instanceof Uint8Array,
              'neither text nor bytes were told',
            )
            assert.ok(!isLate, 'it was told after the request that carried it')
            assert.ok(!holdsSecret(textOf(body)), 'what was told holds a secret')
          }
        }
      },
    },
    {
      name: 'leaves the event as it was',
      async run() {
        const event = fresh()
        const connector = await connectPlugin(plugin, options.with, offline())
        await connector.preview?.(event, testRun())
        await attempt(connector, event, aborted())
        assert.deepEqual(event, fresh())
        await connector.close?.()
      },
    },
  ]
}
