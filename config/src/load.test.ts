import { join } from 'node:path'
import { OnSignupError } from '@onsignup/core'
import { describe, expect, test } from 'vitest'
import { loadConfiguration } from './load.ts'
import { chat, chatWith, findingsOf, linesOf, load, TOKEN } from './test-support.ts'

const options = async (yaml: string, env: Record<string, string> = {}): Promise<unknown> =>
  (await load(yaml, { env })).connectors[0]?.with

const serverOf = async (yaml: string, env: Record<string, string> = {}) =>
  (await load(`${yaml}\nconnectors: {}\n`, { env })).server

const resolvePlugin = () => Promise.reject(new Error('not asked'))
const resolveSource = resolvePlugin

describe('a configuration', () => {
  test('has a default for all but its connectors', async () => {
    const { file, folder, server, store, sources, connectors, secrets } = await load('connectors: {}\n')
    expect(server).toEqual({ port: 8080, host: '127.0.0.1', token: null, grace: 8_000 })
    expect(file).toBe(join(folder, 'onsignup.yaml'))
    expect(store).toBe(join(folder, 'data/onsignup.db'))
    expect([sources, connectors, secrets]).toEqual([[], [], []])
  })

  test('lets every machine call once there is a token', async () => {
    expect(await serverOf('server: { token: abcdefgh }')).toMatchObject({
      host: '0.0.0.0',
      token: 'abcdefgh',
    })
    expect(await serverOf('server: { token: abcdefgh, host: 10.0.0.1 }')).toMatchObject({ host: '10.0.0.1' })
  })

  test('changes by each of its keys', async () => {
    expect(await serverOf('server: { port: 0, host: "::1", grace: 1m }')).toEqual({
      port: 0,
      host: '::1',
      token: null,
      grace: 60_000,
    })
    expect((await load('store: /var/lib/x.db\nconnectors: {}\n')).store).toBe('/var/lib/x.db')
  })

  test('may have a section whose every line is commented out', async () => {
    expect(await serverOf('server:\n  # port: 1')).toMatchObject({ port: 8080 })
  })

  test('keeps a connector as its plugin takes it, with the settings as written', async () => {
    const { connectors } = await load(`connectors:
  team:
    uses: chat
    if: user.emailVerified
    timeout: 5s
    retry: { max_attempts: "3", max_age: 2h }
    with: { ${TOKEN}, channel: a }
  audit: { uses: hook }
`)
    expect(connectors).toEqual([
      {
        name: 'team',
        uses: 'chat',
        usable: chat,
        with: { token: 'xoxb-written-in-the-file', channel: 'a' },
        settings: { timeout: '5s', retry: { max_attempts: 3, max_age: '2h' } },
        if: 'user.emailVerified',
      },
      { name: 'audit', uses: 'hook', usable: expect.any(Function), with: {}, settings: {}, if: undefined },
    ])
  })

  test('that cannot be read is an error with its cause', async () => {
    const error = await loadConfiguration('/no/such/file.yaml', {
      env: {},
      resolvePlugin,
      resolveSource,
    }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(OnSignupError)
    expect(error).toMatchObject({ code: 'file_unreadable', cause: { code: 'ENOENT' } })
  })
})

describe('the environment', () => {
  test('is replaced in values, however they are written', async () => {
    const yaml = chatWith(
      'token: ${TOKEN}',
      "channel: '#${NAME}'",
      'text: |',
      '  first ${NAME}',
      'fields: { "A": "${NAME:-x}" }',
      'blocks: [{ type: "$${NAME}" }]',
    )
    expect(await options(yaml, { TOKEN: 'xoxb-1', NAME: 'signups' })).toEqual({
      token: 'xoxb-1',
      channel: '#signups',
      text: 'first signups\n',
      fields: { A: 'signups' },
      blocks: [{ type: '${NAME}' }],
    })
  })

  test('cannot break the file by what it holds', async () => {
    const channel = 'a: b\n#c "d" {{ e'
    expect(await options(chatWith(TOKEN, 'channel: ${C}'), { C: channel })).toMatchObject({ channel })
  })

  test('has .env beside the file under it', async () => {
    const dotEnv = 'A=from-dot-env\nB="from dot env"\nC=from-dot-env\n'
    const yaml = chatWith(TOKEN, 'channel: ${A} ${B} ${C}')
    const { connectors } = await load(yaml, { dotEnv, env: { A: 'from-env', C: undefined } })
    expect(connectors[0]?.with).toMatchObject({ channel: 'from-env from dot env from-dot-env' })
  })

  test('is typed by the schema, and quoted values are too', async () => {
    const yaml = chatWith(TOKEN, 'channel: "12"', 'loud: ${LOUD}', 'size: "${SIZE}"', 'version: "66.0"')
    expect(await options(yaml, { LOUD: 'true', SIZE: ' 7 ' })).toMatchObject({
      channel: '12',
      loud: true,
      size: 7,
      version: '66.0',
    })
    expect(await serverOf('server: { port: "${PORT}" }', { PORT: '9' })).toMatchObject({ port: 9 })
  })

  test('stays text where text is wanted or anything may be', async () => {
    const yaml = chatWith(
      TOKEN,
      'channel: ${N}',
      'fields: { A: "${N}", B: 5 }',
      'blocks: [{ type: a, x: "${N}" }]',
    )
    expect(await options(yaml, { N: '12' })).toMatchObject({
      channel: '12',
      fields: { A: '12', B: 5 },
      blocks: [{ type: 'a', x: '12' }],
    })
  })
})

describe('the secrets of a configuration', () => {
  test('are its token, the writeOnly options and the variables in them, and nothing else', async () => {
    const yaml = `server: { token: "Bearer-\${T}" }
connectors:
  a: { uses: chat, with: { token: "xoxb-\${S}", channel: "\${C}" } }
  b: { uses: chat, with: { ${TOKEN}, channel: b } }
`
    const { secrets } = await load(yaml, { env: { T: 'tttt', S: 'ssss', C: 'cccc' } })
    expect(secrets.toSorted()).toEqual([
      'Bearer-tttt',
      'ssss',
      'tttt',
      'xoxb-ssss',
      'xoxb-written-in-the-file',
    ])
  })

  const hidden = 'Pa55word'

  test.each([
    ['a written secret of the wrong form', `token: ${hidden}`],
    ['a secret of the wrong type', `token: [${hidden}]`],
    ['a variable of the wrong form', 'token: ${HIDDEN}'],
    ['a variable where a number is wanted', 'size: ${HIDDEN}'],
    ['a variable that is no choice', 'mode: ${HIDDEN}'],
    ['a variable in a template', 'text: "{{ user.${HIDDEN} }}"'],
    ['an address with a password', `address: "smtp://me:${hidden}@host name"`],
    ['a secret under a misspelt key', `tokn: ${hidden}`],
    ['a secret in place of a mapping', `id: ${hidden}`],
  ])('are not shown: %s', async (_, line) => {
    const findings = await findingsOf(chatWith('channel: a', line), { env: { HIDDEN: hidden } })
    expect(findings.filter((finding) => finding.line === 6)).toHaveLength(1)
    expect(JSON.stringify(findings)).not.toContain(hidden)
  })

  test('are all that is under an option marked as one', async () => {
    const { secrets } = await load(chatWith(TOKEN, 'channel: a', 'headers: { X-Key: "key-${K}" }'), {
      env: { K: 'kkkk' },
    })
    expect(secrets).toEqual(['xoxb-written-in-the-file', 'key-kkkk', 'kkkk'])
  })

  test('are not shown when a variable is too short to be blanked out', async () => {
    expect(await linesOf(chatWith(TOKEN, 'channel: a', 'size: ${S}'), { env: { S: 'abc' } })).toEqual([
      expect.stringContaining('expected a whole number, found the value (from S)  → '),
    ])
  })

  test('are not shown when they stand in place of all options', async () => {
    expect(await linesOf(`connectors:\n  a: { uses: chat, with: ${hidden} }\n`)).toEqual([
      expect.stringContaining('connectors.a.with  expected a mapping, found the value  → '),
    ])
  })
})
