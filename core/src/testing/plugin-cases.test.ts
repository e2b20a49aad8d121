import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import type { Connector, Run, Services } from '../contract.ts'
import { definePlugin, type Plugin } from '../define-plugin.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { rejected } from '../outcome.ts'
import { pluginCases } from './plugin-cases.ts'

const TOKEN = 'very-secret-token'

const options = z.strictObject({
  greeting: z.string().default('Hello'),
  token: z.string().meta({ writeOnly: true }),
})

type Options = z.output<typeof options>

const helloWith = (connect: (options: Options, services: Services) => Connector): Plugin =>
  definePlugin({ name: 'hello', options, connect })

const heard = ({ signal }: Run): void => signal.throwIfAborted()

const preview = ({ greeting }: Options, { user }: RegistrationEvent) => ({
  title: 'Hello',
  contentType: 'text/plain',
  body: `${greeting} ${user.name}`,
})

const hello = helloWith((chosen) => ({
  postUserRegistration: (_event, run) => heard(run),
  preview: (event) => preview(chosen, event),
}))

const casesOf = (plugin: Plugin) => pluginCases(plugin, { with: { token: TOKEN } })

describe('a good plugin passes', () => {
  for (const { name, run } of casesOf(hello)) test(name, run)
})

describe('a plugin of batches passes', () => {
  const batching = helloWith(() => ({
    postUserRegistrationBatch: async (_items, run) => {
      heard(run)
      return []
    },
  }))
  for (const { name, run } of casesOf(batching)) test(name, run)
})

const throwing = (event: RegistrationEvent): never => {
  throw rejected(`${event.user.id} is refused`)
}

describe('a plugin that tells what it sends passes', () => {
  const telling = helloWith((chosen, { fetch }) => ({
    async postUserRegistration(event, { sending, signal }) {
      const { body } = preview(chosen, event)
      sending?.(body)
      await fetch('https://example.com', { method: 'POST', body, signal })
    },
  }))
  for (const { name, run } of casesOf(telling)) test(name, run)
})

describe('a plugin that throws its outcome at once passes, since returned or thrown means the same', () => {
  for (const { name, run } of casesOf(helloWith(() => ({ postUserRegistration: throwing })))) test(name, run)
})

/** The names of the cases that a plugin fails. */
const failures = async (plugin: Plugin): Promise<readonly string[]> => {
  const failed: string[] = []
  for (const { name, run } of casesOf(plugin)) {
    await run().catch(() => failed.push(name))
  }
  return failed
}

const idle = () => {}

const BAD: readonly (readonly [what: string, failed: RegExp, plugin: () => Plugin])[] = [
  ['is not frozen', /is what definePlugin returns/, () => ({ ...hello })],
  [
    'has a name that no configuration can use',
    /is what definePlugin returns/,
    () => Object.freeze({ ...hello, name: 'Hello World' }),
  ],
  [
    'has options that are no object',
    /describes its options/,
    () => definePlugin({ name: 'hello', options: z.any(), connect: () => ({ postUserRegistration: idle }) }),
  ],
  [
    'asks the network in connect, and hides that it failed',
    /connects without opening the network/,
    () =>
      helloWith((_options, { fetch }) => {
        fetch('https://example.com').catch(idle)
        return { postUserRegistration: (_event, run) => heard(run) }
      }),
  ],
  [
    'takes whatever options it is given',
    /refuses options that are not an object/,
    () =>
      definePlugin({
        name: 'hello',
        options: z.preprocess((value) => (typeof value === 'object' ? value : { token: TOKEN }), options),
        connect: () => ({ postUserRegistration: idle }),
      }),
  ],
  [
    'previews something else each time',
    /previews the same event the same way/,
    () => {
      let count = 0
      return helloWith((chosen) => ({
        postUserRegistration: idle,
        preview: (event) => ({ ...preview(chosen, event), title: `Hello ${(count += 1)}` }),
      }))
    },
  ],
  [
    'shows its secret in the preview',
    /previews the same event the same way/,
    () =>
      helloWith((chosen) => ({
        postUserRegistration: idle,
        preview: (event) => ({ ...preview(chosen, event), body: `Bearer ${chosen.token}` }),
      })),
  ],
  [
    'shows its secret in the preview as Basic credentials',
    /previews the same event the same way/,
    () =>
      helloWith((chosen) => ({
        postUserRegistration: idle,
        preview: (event) => ({
          ...preview(chosen, event),
          body: Buffer.from(`id:${chosen.token}`).toString('base64'),
        }),
      })),
  ],
  [
    'throws what is no error for a user of whom little is known',
    /previews a user of whom little is known/,
    () =>
      helloWith((chosen) => ({
        postUserRegistration: idle,
        preview(event) {
          if (event.user.email === null) throw Object.create(null)
          return preview(chosen, event)
        },
      })),
  ],
  [
    'logs its secret',
    /ends an attempt whose signal has aborted, and logs no secret/,
    () =>
      helloWith(({ token }, { logger }) => ({
        postUserRegistration: () => logger.info({ headers: { authorization: `Bearer ${token}` } }, 'sending'),
      })),
  ],
  [
    'has its secret in the cause of its failure',
    /ends an attempt whose signal has aborted, and logs no secret/,
    () =>
      helloWith(({ token }) => ({
        postUserRegistration() {
          throw rejected('no', { cause: Object.assign(new Error('401'), { config: { headers: { token } } }) })
        },
      })),
  ],
  [
    'tells what it sends after it sent it',
    /tells, if it does, what it sends/,
    () =>
      helloWith((chosen, { fetch }) => ({
        async postUserRegistration(event, { sending, signal }) {
          const { body } = preview(chosen, event)
          await fetch('https://example.com', { method: 'POST', body, signal })
          sending?.(body)
        },
      })),
  ],
  [
    'tells twice what it sends',
    /tells, if it does, what it sends/,
    () =>
      helloWith((chosen) => ({
        postUserRegistration(event, { sending }) {
          sending?.(chosen.greeting)
          sending?.(preview(chosen, event).body)
        },
      })),
  ],
  [
    'tells the whole batch of what it sends through one of its items',
    /tells, if it does, what it sends/,
    () =>
      helloWith((chosen) => ({
        async postUserRegistrationBatch(items) {
          for (const { event } of items) items[0]?.sending?.(preview(chosen, event).body)
          return []
        },
      })),
  ],
  [
    'tells its secret among what it sends',
    /tells, if it does, what it sends/,
    () =>
      helloWith(({ token }) => ({
        postUserRegistration: (_event, { sending }) => sending?.(Buffer.from(`Bearer ${token}`)),
      })),
  ],
  [
    'changes the event in its preview',
    /leaves the event as it was/,
    () =>
      helloWith((chosen) => ({
        postUserRegistration: idle,
        preview(event) {
          event.user.user_metadata['seen'] = true
          return preview(chosen, event)
        },
      })),
  ],
  [
    'changes the event in its hook',
    /leaves the event as it was/,
    () =>
      helloWith(() => ({
        postUserRegistration(event) {
          event.user.user_metadata['sent'] = true
        },
      })),
  ],
]

test.each(BAD)('a plugin that %s fails', async (_what, failed, plugin) => {
  expect(await failures(plugin())).toContainEqual(expect.stringMatching(failed))
})

test('a plugin that goes on after its signal aborted fails, instead of hanging the test run', async () => {
  const deaf = helloWith(() => ({ postUserRegistration: () => new Promise(() => {}) }))
  const aborts = casesOf(deaf).find(({ name }) => name.startsWith('ends an attempt'))
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const told = aborts?.run().catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await told).toMatchObject({ message: expect.stringContaining('goes on after its signal aborted') })
})

test('every case has a plugin that fails it', () => {
  const planted = [...BAD.map(([, failed]) => failed), /^ends an attempt/]
  for (const { name } of casesOf(hello))
    expect(
      planted.some((failed) => failed.test(name)),
      name,
    ).toBe(true)
})
