import { readFile } from 'node:fs/promises'
import { connectPlugin as connectWith } from '../connector.ts'
import type { Attempt, Connector, Run, Services, State } from '../contract.ts'
import type { Plugin } from '../define-plugin.ts'
import { normalise } from '../event/normalise.ts'
import type { Json } from '../event/json.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { systemClock, type Logger } from '../ports.ts'
import { createTemplates } from '../template/templates.ts'

/** A logger that keeps what it was told. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly { readonly level: string; readonly fields: object; readonly message: string }[]
}

export const recordingLogger = (): RecordingLogger => {
  const lines: { level: string; fields: object; message: string }[] = []
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> }
    : T

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const merged = <T>(base: T, over: unknown): T => {
  if (!isObject(base) || !isObject(over)) return base
  const entries = Object.entries(over).map(([key, value]) => {
    const below = base[key]
    return [
      key,
      isObject(below) && isObject(value) && Object.keys(below).length > 0 ? merged(below, value) : value,
    ]
  })
  return { ...base, ...Object.fromEntries(entries) }
}

/** A registration as Auth0's Hooks editor sends it, with a name and an id; any part may be replaced. */
export const sampleEvent = (overrides: Partially<RegistrationEvent> = {}): RegistrationEvent => {
  const { event } = normalise(
    {
      user: {
        id: 'auth0|5f7c8ec7c33c6c004bbafe82',
        tenant: 'my-tenant',
        username: 'user1',
        email: 'user1@foo.com',
        emailVerified: true,
        phoneNumber: '1-000-000-0000',
        phoneNumberVerified: true,
        name: 'Ada Lovelace',
        givenName: 'Ada',
        familyName: 'Lovelace',
        createdAt: '2026-01-02T03:04:05.000Z',
        user_metadata: { hobby: 'surfing' },
        app_metadata: { plan: 'full' },
      },
      context: {
        requestLanguage: 'en-us',
        connection: {
          id: 'con_xxxxxxxxxxxxxxxx',
          name: 'Username-Password-Authentication',
          tenant: 'my-tenant',
          strategy: 'database',
        },
      },
    },
    Date.parse('2026-01-02T03:04:06.000Z'),
    () => 'nonce',
  )
  return merged(event, overrides)
}

const memoryState = (): State => {
  const kept = new Map<string, Json>()
  return {
    get: async (key) => structuredClone(kept.get(key)),
    async set(key, value) {
      kept.set(key, structuredClone(value))
    },
    async delete(key) {
      kept.delete(key)
    },
  }
}

/** What a plugin is handed, real but for the logger, which records, and the state, which is kept in memory; any part may be replaced. */
export const testServices = (overrides: Partial<Services> = {}): Services => ({
  connector: 'under-test',
  logger: recordingLogger(),
  clock: systemClock,
  fetch: (...args) => globalThis.fetch(...args),
  templates: createTemplates(),
  files: { read: (path) => readFile(path, 'utf8') },
  state: memoryState(),
  folder: process.cwd(),
  ...overrides,
})

/** A first attempt with a minute to go. */
export const testRun = (overrides: Partial<Run & Attempt> = {}): Run & Attempt => ({
  connector: 'under-test',
  signal: new AbortController().signal,
  deadline: new Date(Date.now() + 60_000),
  logger: recordingLogger(),
  idempotencyKey: 'key-1',
  attempt: 1,
  afterUnknown: false,
  ...overrides,
})

/** Connects a plugin as the engine does: options validated, members checked. */
export const connectPlugin = (
  plugin: Plugin,
  options: unknown,
  services: Services = testServices(),
): Promise<Connector> => connectWith(plugin, options, services)
