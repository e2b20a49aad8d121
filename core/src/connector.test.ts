import { expect, test } from 'vitest'
import { z } from 'zod'
import { configureConnector, connectPlugin, isUsable } from './connector.ts'
import { CONTRACT_VERSION, PLUGIN, type Connector } from './contract.ts'
import { definePlugin, type Plugin } from './define-plugin.ts'
import { recordingLogger, sampleEvent, testServices } from './testing/fakes.ts'

const services = testServices({ connector: 'team' })
const hook = () => {}

const pluginOf = (connect: () => Connector | Promise<Connector>): Plugin =>
  definePlugin({ name: 'hello', options: z.object({}), connect })

const misshapen = (connector: object): Plugin =>
  pluginOf(() => {
    const made: Connector = { postUserRegistration: hook }
    for (const member of Object.keys(made)) Reflect.deleteProperty(made, member)
    return Object.assign(made, connector)
  })

test.each([
  [
    { postUserRegistration: hook, preveiw: hook },
    'the contract has no member preveiw',
    'did you mean preview?',
  ],
  [{ postUserRegistraton: hook }, 'the contract has no member postUserRegistraton', 'postUserRegistration?'],
  [{ postUserRegistration: hook, zzz: 1 }, 'the contract has no member zzz', 'remove it'],
  [{ postUserRegistration: hook, check: 'yes' }, 'check is not a function', 'make it one'],
  [{ postUserRegistration: hook, repeats: 'harmles' }, 'repeats is "harmles"', 'harmless or harmful'],
  [{}, 'it has no postUserRegistration', 'write one'],
])('what connect returns is checked: %o', async (connector, said, mend) => {
  await expect(connectPlugin(misshapen(connector), {}, services)).rejects.toMatchObject({
    code: 'connector_invalid',
    message: `connector team: ${said}`,
    mend: expect.stringContaining(mend),
  })
})

test('members that are undefined are as good as left out', async () => {
  const plugin = misshapen({ postUserRegistration: hook, preview: undefined, repeats: undefined })
  await expect(connectPlugin(plugin, {}, services)).resolves.toBeDefined()
})

test('a plugin of a later contract is refused, and one of an earlier is not', async () => {
  const plugin = pluginOf(() => ({ postUserRegistration: hook }))
  const versioned = (version: number): Plugin => ({ ...plugin, [PLUGIN]: version })
  await expect(connectPlugin(versioned(CONTRACT_VERSION + 1), {}, services)).rejects.toMatchObject({
    code: 'contract_unsupported',
    message: expect.stringContaining(`version ${CONTRACT_VERSION + 1}`),
  })
  await expect(connectPlugin(versioned(CONTRACT_VERSION), {}, services)).resolves.toBeDefined()
})

test('options that the schema refuses are refused with every path', async () => {
  const plugin = definePlugin({
    name: 'hello',
    options: z.object({ channel: z.string(), server: z.object({ port: z.int() }) }),
    connect: () => ({ postUserRegistration: hook }),
  })
  await expect(connectPlugin(plugin, { server: { port: 'x' } }, services)).rejects.toMatchObject({
    code: 'options_invalid',
    message: expect.stringMatching(/^connector team \(hello\): with\.channel: .*; with\.server\.port: /),
  })
  await expect(connectPlugin(plugin, 'nonsense', services)).rejects.toMatchObject({ code: 'options_invalid' })
})

test('connect gets what the schema gives out, its defaults applied', async () => {
  const seen: unknown[] = []
  const plugin = definePlugin({
    name: 'hello',
    options: z.object({ greeting: z.string().default('Hello') }),
    connect(options) {
      seen.push(options)
      return { postUserRegistration: hook }
    },
  })
  await connectPlugin(plugin, {}, services)
  expect(seen).toEqual([{ greeting: 'Hello' }])
})

test.each([
  () => {
    throw new TypeError('token and webhook_url exclude each other')
  },
  () => Promise.reject(new TypeError('token and webhook_url exclude each other')),
])('what connect throws says which connector it is about, and keeps its cause', async (connect) => {
  await expect(connectPlugin(pluginOf(connect), {}, services)).rejects.toMatchObject({
    code: 'options_invalid',
    message: 'connector team (hello): token and webhook_url exclude each other',
    cause: expect.any(TypeError),
  })
})

test('a function is a connector, harmful to repeat, whose if decides', async () => {
  const configured = await configureConnector(
    hook,
    { timeout: '1s', if: 'user.emailVerified == false' },
    'function',
    services,
  )
  expect(configured).toMatchObject({
    name: 'team',
    uses: 'function',
    connector: { postUserRegistration: hook },
    settings: { timeout: 1_000 },
    repeats: 'harmful',
  })
  expect(configured.condition(sampleEvent())).toBe(false)
  expect(configured.condition(sampleEvent({ user: { emailVerified: false } }))).toBe(true)
})

test("the connector's own word on repeats wins over the plugin's, and harmful is the default", async () => {
  const repeatsOf = async (plugin: Plugin) =>
    (await configureConnector(plugin, {}, 'hello', services)).repeats
  const harmless = { ...pluginOf(() => ({ postUserRegistration: hook })), repeats: 'harmless' } as const
  const overridden = {
    ...pluginOf(() => ({ postUserRegistration: hook, repeats: 'harmful' })),
    repeats: 'harmless',
  } as const
  expect(await repeatsOf(pluginOf(() => ({ postUserRegistration: hook })))).toBe('harmful')
  expect(await repeatsOf(harmless)).toBe('harmless')
  expect(await repeatsOf(overridden)).toBe('harmful')
})

test('a wrong if or a wrong setting stops the connector before it runs', async () => {
  await expect(configureConnector(hook, { if: 'user.emial' }, 'function', services)).rejects.toMatchObject({
    code: 'template_invalid',
  })
  await expect(configureConnector(hook, { timeout: '1' }, 'function', services)).rejects.toMatchObject({
    code: 'options_invalid',
  })
})

test('plugins and functions can be used, nothing else', () => {
  expect([hook, pluginOf(() => ({ postUserRegistration: hook }))].every(isUsable)).toBe(true)
  expect([undefined, null, 'slack', {}].some(isUsable)).toBe(false)
})

test('a function in the form of an Auth0 Hook is refused and told how to be wrapped', async () => {
  const auth0Hook = Object.defineProperty(() => {}, 'length', { value: 3 })
  await expect(configureConnector(auth0Hook, {}, './legacy.js', services)).rejects.toMatchObject({
    code: 'connector_invalid',
    message: expect.stringContaining('3 arguments'),
    mend: expect.stringContaining('fromAuth0Hook'),
  })
})

test('batch settings are refused where nothing batches', async () => {
  await expect(
    configureConnector(hook, { batch: { max_records: 5 } }, 'function', services),
  ).rejects.toMatchObject({
    code: 'connector_invalid',
    message: expect.stringContaining('batch'),
  })
})

test('a rate with a key is refused where many are sent at once', async () => {
  const many = definePlugin({
    name: 'many',
    options: z.object({}),
    defaults: { batch: { max_records: 10 } },
    connect: () => ({ postUserRegistrationBatch: async () => [] }),
  })
  const rate = { limit: '1/s', key: '{{ user.tenant }}' }
  await expect(configureConnector(many, { rate }, 'many', services)).rejects.toMatchObject({
    code: 'connector_invalid',
    mend: 'remove rate.key',
  })
})

test('what a plugin logs names its connector', async () => {
  const logger = recordingLogger()
  const talkative = definePlugin({
    name: 'talkative',
    options: z.object({}),
    connect: (_options, services) => {
      services.logger.warn({ colour: 'red' }, 'mind the step')
      return { postUserRegistration: hook }
    },
  })
  await configureConnector(talkative, {}, 'talkative', testServices({ connector: 'team', logger }))
  expect(logger.lines).toEqual([
    { level: 'warn', fields: { connector: 'team', colour: 'red' }, message: 'mind the step' },
  ])
})
