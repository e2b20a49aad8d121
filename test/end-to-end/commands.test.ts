import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { callProgram } from '../support/program.ts'
import { ada, named } from '../support/registrations.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let url: string

beforeAll(async () => {
  world = await createWorld()
  url = (await world.start('--log-level', 'silent')).url
})

beforeEach(() => {
  for (const double of [world.sandbox.slack, world.sandbox.salesforce, world.sandbox.smtp]) double.reset()
})

afterAll(() => world[Symbol.asyncDispose]())

const run = (args: readonly string[]) => callProgram([...args, '--url', url])

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/

const sentLine = z.object({
  line: z.int(),
  id: z.uuid().optional(),
  duplicate: z.boolean().optional(),
  error: z.string().optional(),
  deliveries: z.array(z.object({ id: z.int(), connector: z.string(), state: z.string() })).optional(),
})

const linesOf = (printed: readonly unknown[]) => z.array(sentLine).parse(printed)

const sent = async (args: readonly string[]) => {
  const { code, json } = await run(['send', ...args, '--json'])
  return { code, lines: linesOf(json()) }
}

const page = z.object({
  deliveries: z.array(z.object({ id: z.int(), connector: z.string(), state: z.string() })),
  after: z.int().nullable(),
})

/** Deliveries that ended as dead, since their mail was refused for good. */
const refuse = async (...names: readonly string[]): Promise<readonly string[]> => {
  for (const name of names) {
    world.sandbox.smtp.misbehave({ kind: 'reject', times: 1, recipient: `${name}@example.com` })
  }
  const file = await world.folder.write('refused.json', JSON.stringify(names.map(named)))
  const { code, lines } = await sent([file, '--wait'])
  expect(code).toBe(1)
  const dead = lines.flatMap(({ deliveries = [] }) => deliveries.filter(({ state }) => state === 'dead'))
  expect(dead.map(({ connector }) => connector)).toEqual(names.map(() => 'welcome'))
  return dead.map(({ id }) => String(id))
}

describe('send', () => {
  test('--wait says what became of each delivery, and nothing is coloured', async () => {
    const file = await world.folder.write('one.json', JSON.stringify(ada))
    const { code, stdout, stderr } = await world.run(['send', file, '--wait', '--url', url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [id, ...deliveries] = stdout.trimEnd().split('\n')
    expect(id).toMatch(new RegExp(`^${UUID.source}$`))
    expect(deliveries).toEqual([
      expect.stringMatching(/^ {2}delivered {2}team-slack {2}C0000000001 \d+\.\d+$/),
      expect.stringMatching(/^ {2}delivered {2}crm {9}Lead \w{18} created$/),
      expect.stringMatching(/^ {2}delivered {2}welcome {5}250 /),
    ])
    expect(stdout).not.toContain('\u001B')
    expect(world.sandbox.slack.messages).toHaveLength(1)
    expect(await run(['send', file])).toMatchObject({ code: 0, stdout: `${id} (accepted before)\n` })
  })

  test('takes an array, NDJSON, and NDJSON from standard input', async () => {
    const two = [named('array-1'), named('array-2')]
    const array = await sent([await world.folder.write('array.json', JSON.stringify(two, null, 2)), '--wait'])
    expect(array.lines.map(({ line, duplicate }) => [line, duplicate])).toEqual([
      [1, false],
      [2, false],
    ])
    const lines = `${JSON.stringify(named('line-1'))}\n\n${JSON.stringify(named('line-2'))}\n`
    const file = await sent([await world.folder.write('lines.ndjson', lines), '--wait'])
    expect(file.lines.map(({ line, duplicate }) => [line, duplicate])).toEqual([
      [1, false],
      [3, false],
    ])
    const piped = await world.run(['send', '-', '--wait', '--json', '--url', url], { input: lines })
    expect(piped.code).toBe(0)
    expect(linesOf(piped.json())).toMatchObject([
      { line: 1, duplicate: true, deliveries: Array(3).fill({ state: 'delivered' }) },
      { line: 3, duplicate: true, deliveries: Array(3).fill({ state: 'delivered' }) },
    ])
  })

  test('exits 1 when one is refused, and sends the others', async () => {
    const file = await world.folder.write('mixed.ndjson', `{"user":{}}\n${JSON.stringify(named('good'))}\n`)
    const { code, lines } = await sent([file, '--wait'])
    expect(code).toBe(1)
    expect(lines).toEqual([
      { line: 1, error: expect.stringContaining('it needs an id') },
      expect.objectContaining({ line: 2, id: expect.stringMatching(UUID), duplicate: false }),
    ])
    const people = await run(['send', file])
    expect(people.stdout).toMatch(/^line 1: refused: not a registration: user: it needs an id/)
  })

  test('exits 1 when --wait sees a delivery end badly, and says why', async () => {
    world.sandbox.smtp.misbehave({ kind: 'reject', times: 1, recipient: 'bad@example.com' })
    const file = await world.folder.write('bad.json', JSON.stringify(named('bad')))
    const { code, stdout } = await run(['send', file, '--wait'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}dead {7}welcome .*User unknown/m)
  })

  test('stops waiting at --timeout, and exits 1', async () => {
    const failing = world.sandbox.slack.misbehave({ kind: 'status', status: 500 })
    const file = await world.folder.write('slow.json', JSON.stringify(named('slow')))
    const { code, stdout } = await run(['send', file, '--wait', '--timeout', '300ms'])
    failing.stop()
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}(waiting|pending|running) .*team-slack/m)
  })

  test.each([
    ['a file that is not there', ['nowhere.json'], /there is no file nowhere\.json/],
    ['a bad duration', ['one.json', '--timeout', 'soon'], /a duration is a number and a unit/],
    ['no file at all', [], /missing required argument 'file'/],
  ])('exits 2 for %s', async (_what, args, message) => {
    const ended = await run(['send', ...args])
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  })

  test('exits 2 for a line that is not JSON, and sends none of the others', async () => {
    const input = '{"user":{"id":"before"}}\n{oops\n'
    const { code, stderr } = await world.run(['send', '-', '--url', url], { input })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: -:2 is not JSON: /)
    expect((await run(['deliveries', '--user', 'before'])).stdout).toBe('no deliveries\n')
  })

  test('exits 3 where no service answers, and says how to start one', async () => {
    const file = await world.folder.write('one.json', JSON.stringify(ada))
    const { code, stderr } = await callProgram(['send', file, '--url', 'http://127.0.0.1:1'])
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr:
        'error: no service answers at http://127.0.0.1:1\n' +
        '  → start it with onsignup start, or name another with --url\n',
    })
  })
})

describe('deliveries', () => {
  test('lists them for people and for scripts, filtered, a page at a time', async () => {
    const [id] = await refuse('listed')
    const filters = ['--state', 'dead', '--user', 'listed@example.com', '--connector', 'welcome']
    const people = await run(['deliveries', ...filters])
    expect(people.code).toBe(0)
    expect(people.stdout).toMatch(
      new RegExp(`^dead {7}${id} {2}welcome {2}listed@example.com {2}1 try .*User unknown`),
    )
    const scripts = await run(['deliveries', ...filters, '--json'])
    expect(page.parse(scripts.json()[0])).toMatchObject({ deliveries: [{ id: Number(id), state: 'dead' }] })

    const first = await run(['deliveries', '--limit', '2'])
    const after = /^more: --after (\d+)$/m.exec(first.stdout)?.[1] ?? ''
    expect(first.stdout.trimEnd().split('\n')).toHaveLength(3)
    const second = page.parse((await run(['deliveries', '--after', after, '--json'])).json()[0])
    expect(second.deliveries[0]?.id).toBeLessThan(Number(after))
    expect(await run(['deliveries', '--user', 'nobody'])).toMatchObject({
      code: 0,
      stdout: 'no deliveries\n',
    })
  })

  test('says which part of a query is not understood', async () => {
    const { code, stderr } = await run(['deliveries', '--state', 'dread', '--limit', '999'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*state/)
    expect(stderr).toMatch(/limit/)
  })
})

describe('retry', () => {
  test('puts back those named, and says of each that it cannot why not', async () => {
    const dead = await refuse('by-id-1', 'by-id-2')
    const { code, stdout } = await run(['retry', ...dead, '999999'])
    expect(code).toBe(1)
    expect(stdout).toBe(
      `${dead.map((id) => `${id}  put back\n`).join('')}999999  there is no such delivery\n`,
    )
    const file = await world.folder.write('again.json', JSON.stringify([named('by-id-1'), named('by-id-2')]))
    const { code: good } = await sent([file, '--wait'])
    expect(good).toBe(0)
    expect(world.sandbox.smtp.mailbox.map(({ to }) => to).toSorted()).toEqual([
      'by-id-1@example.com',
      'by-id-2@example.com',
    ])
  })

  test('--again sends once more what was delivered, and without it says so', async () => {
    const file = await world.folder.write('again.json', JSON.stringify(named('again')))
    const { lines } = await sent([file, '--wait'])
    const id = String(lines[0]?.deliveries?.find(({ connector }) => connector === 'welcome')?.id)
    expect(await run(['retry', id])).toMatchObject({
      code: 1,
      stdout: `${id}  the delivery was delivered → add again=true (--again) to send it once more\n`,
    })
    const { code, json } = await run(['retry', id, '--again', '--json'])
    expect({ code, json: json() }).toEqual({ code: 0, json: [{ id, error: null }] })
    await sent([file, '--wait'])
    expect(world.sandbox.smtp.mailbox).toHaveLength(2)
  })

  test('--state puts back all of a state, and says how many', async () => {
    await refuse('all-1', 'all-2', 'all-3')
    const dead = await run(['deliveries', '--state', 'dead', '--json'])
    const { deliveries } = page.parse(dead.json()[0])
    const put = (connector: string) => run(['retry', '--state', 'dead', '--connector', connector])
    expect(await put('crm')).toMatchObject({ code: 0, stdout: '0 put back\n' })
    expect(await put('welcome')).toMatchObject({ code: 0, stdout: `${deliveries.length} put back\n` })
    expect(deliveries.length).toBeGreaterThanOrEqual(3)
  })

  test.each([
    ['neither ids nor a state', []],
    ['both', ['1', '--state', 'dead']],
    ['a state that cannot be', ['--state', 'delivered']],
  ])('with %s is a mistake of the command line', async (_what, args) => {
    const { code, stderr } = await run(['retry', ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /name deliveries by their ids, or all of a state|Allowed choices are dead, unknown, skipped/,
    )
  })
})

describe('help', () => {
  test.each(['start', 'send', 'preview', 'check', 'deliveries', 'retry'])(
    'of %s has examples',
    async (command) => {
      const { code, stdout, stderr } = await callProgram([command, '--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(new RegExp(`Examples:\n  \\$ onsignup ${command}`))
    },
  )

  test('tells the exit codes; no command and an unknown one are mistakes', async () => {
    expect((await callProgram(['--help'])).stdout).toMatch(
      /Exit codes:\n {2}0 {2}.*\n {2}1 {2}.*\n {2}2 {2}.*\n {2}3 {2}/,
    )
    const mistyped = await world.run(['sned'])
    expect(mistyped.code).toBe(2)
    expect(mistyped.stderr).toContain('Did you mean send?')
    expect((await callProgram([])).code).toBe(2)
  })
})

test('a token comes from the option, the environment or the configuration', async () => {
  await using other = await createWorld({ server: ', token: a-token-of-callers, host: 127.0.0.1' })
  const service = await other.start('--log-level', 'silent')
  const args = ['deliveries', '--url', service.url]
  const refused = await callProgram(args)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/no bearer token was sent\n {2}→ /)
  expect((await callProgram([...args, '--token', 'a-token-of-callers'])).code).toBe(0)
  expect((await other.run(args, { env: { ONSIGNUP_TOKEN: 'a-token-of-callers' } })).code).toBe(0)
  const { port } = new URL(service.url)
  const yaml = `server: { port: ${port}, token: a-token-of-callers, host: 127.0.0.1 }\nconnectors: {}\n`
  const file = await other.folder.write('same.yaml', yaml)
  expect((await callProgram(['deliveries', '--config', file])).code).toBe(0)
})
