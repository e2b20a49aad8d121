import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigurationError, outlineConnectors, outlineService } from './index.ts'

const outline = async (text: string, env = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-outline-'))
  try {
    await writeFile(join(folder, 'onsignup.yaml'), text)
    return { ...(await outlineConnectors(join(folder, 'onsignup.yaml'), env)), expected: folder }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('connectors are told without the secrets that the file asks for, and whatever else is wrong', async () => {
  const { folder, expected, connectors } = await outline(
    `server: { prot: 1 }
connectors:
  legacy:
    uses: auth0-hook
    with:
      script: \${FOLDER}/a.js
      secrets: { KEY: "\${NOT_SET:?set it}" }
      dependencies: { axios: 0.19.2, lodash: "^4" }
  other: { uses: 7 }
  broken: text
`,
    { FOLDER: './hooks' },
  )
  expect(folder).toBe(expected)
  expect(connectors).toEqual([
    {
      name: 'legacy',
      uses: 'auth0-hook',
      with: {
        script: './hooks/a.js',
        secrets: { KEY: '${NOT_SET:?set it}' },
        dependencies: { axios: '0.19.2', lodash: '^4' },
      },
    },
    { name: 'other', uses: 7, with: undefined },
    { name: 'broken', uses: undefined, with: undefined },
  ])
})

test('a file without connectors has none, and one that is not YAML is refused', async () => {
  expect((await outline('store: ./a.db')).connectors).toEqual([])
  await expect(outline('connectors: [')).rejects.toThrow(ConfigurationError)
})

const outlined = async (text: string, env = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-outline-'))
  try {
    await writeFile(join(folder, 'onsignup.yaml'), text)
    return { folder, ...(await outlineService(join(folder, 'onsignup.yaml'), env)) }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('where a service is, and its store, is told whatever is wrong with its connectors', async () => {
  const { folder, server, store } = await outlined(
    `server: { port: "\${PORT}", token: a-token }
store: ./x.db
alerts: nobody
retention: soon
sources: { okta: { uses: [] } }
connectors: { team: { uses: slak, with: { token: "\${NOT_SET:?set it}" } }, 7: text }
`,
    { PORT: '81' },
  )
  expect(store).toBe(join(folder, 'x.db'))
  expect(server).toEqual({ port: 81, host: '0.0.0.0', token: 'a-token', grace: 8_000 })
  expect((await outlined('connectors:')).server).toMatchObject({ port: 8080, host: '127.0.0.1', token: null })
})

test.each([
  ['a wrong port', 'server: { port: x }\nconnectors: {}', 'server.port'],
  ['an unknown key that may be meant for one of the two', 'stor: ./x.db\nconnectors: {}', 'stor'],
  [
    'a token whose variable is not set',
    'server: { token: "${NOT_SET:?set it}" }\nconnectors: {}',
    'server.token',
  ],
  ['a list in place of a file', '- server', ''],
])('it is not told of a file with %s', async (_what, text, path) => {
  await expect(outlined(text)).rejects.toMatchObject({ findings: [{ path }] })
})

test('what a variable holds is not shown when it is refused', async () => {
  const text = 'server: { port: "${KEY}" }\nconnectors: {}'
  const error: unknown = await outlined(text, { KEY: 'correct-horse' }).catch((caught: unknown) => caught)
  expect(String(error)).toContain('server.port')
  expect(String(error)).not.toContain('correct-horse')
})
