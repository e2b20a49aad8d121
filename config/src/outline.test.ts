import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigurationError, outlineConnectors } from './index.ts'

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
