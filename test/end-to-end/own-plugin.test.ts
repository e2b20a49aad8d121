import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { publish, untilDelivered, deliveriesOf } from '../support/http.ts'
import { ROOT, runNode } from '../support/program.ts'
import { ada } from '../support/registrations.ts'
import { createWorld } from '../support/world.ts'

const HELLO = `import { definePlugin, delivered } from '@onsignup/core'
import { z } from 'zod'

export default definePlugin({
  name: 'hello',
  options: z.object({ greeting: z.string().default('Hello'), token: z.string().meta({ writeOnly: true }) }),
  connect({ greeting }, { logger }) {
    return {
      postUserRegistration({ user }, { connector }) {
        logger.info({ connector }, 'greeted')
        return delivered(\`\${greeting}, \${user.email}\`)
      },
    }
  },
})
`

const HELLO_TEST = `import { test } from 'node:test'
import { pluginCases } from '@onsignup/core/testing'
import hello from './hello.ts'

for (const { name, run } of pluginCases(hello, { with: { token: 'a-token' } })) test(name, run)
`

const lines = (text: string): number => text.trimEnd().split('\n').length

test('a plugin of fifteen lines in a file works from the YAML, with no package.json beside it', async () => {
  expect(lines(HELLO)).toBeLessThanOrEqual(15)
  await using world = await createWorld()
  await world.folder.write('hello.ts', HELLO)
  await world.folder.write(
    'onsignup.yaml',
    `server: { port: 0 }
connectors:
  greeter:
    uses: ./hello.ts
    with: { greeting: Welcome, token: a-token }
`,
  )
  const { url, said } = await world.start()
  const { id } = await publish(url, ada)
  await untilDelivered(url, id)
  expect((await deliveriesOf(url, id))['greeter']?.attempts[0]?.detail).toBe('Welcome, ada@example.com')
  expect(said.stderr).not.toMatch(/Warning/)
})

test('its mistakes in the YAML are found from its own schema', async () => {
  await using world = await createWorld()
  await world.folder.write('hello.ts', HELLO)
  await world.folder.write('onsignup.yaml', 'connectors:\n  a: { uses: ./hello.ts, with: { greting: 1 } }\n')
  const { code, stderr } = await world.run(['check'])
  expect(code).toBe(2)
  expect(stderr).toContain('unknown key greting  → write greeting')
  expect(stderr).toContain('connectors.a.with.token  is missing')
})

test('its conformance test is at most ten lines, for any runner', async () => {
  expect(lines(HELLO_TEST)).toBeLessThanOrEqual(10)
  await using folder = await createFolder()
  await folder.write('hello.ts', HELLO)
  await folder.write('hello.test.ts', HELLO_TEST)
  // What installing @onsignup/core and zod would leave there.
  await mkdir(folder.at('node_modules/@onsignup'), { recursive: true })
  await symlink(join(ROOT, 'core'), folder.at('node_modules/@onsignup/core'))
  await symlink(join(ROOT, 'core/node_modules/zod'), folder.at('node_modules/zod'))
  const passed = await runNode(['--test', '--test-reporter=tap', 'hello.test.ts'], { cwd: folder.path })
  expect(passed.code, passed.stdout).toBe(0)
  expect(passed.stdout).toMatch(/# pass [5-9]|# pass \d\d/)

  await folder.write(
    'hello.ts',
    HELLO.replace('logger.info({ connector }', 'logger.info({ connector, leaked: token }').replace(
      '{ greeting }, {',
      '{ greeting, token }, {',
    ),
  )
  const failed = await runNode(['--test', '--test-reporter=tap', 'hello.test.ts'], { cwd: folder.path })
  expect(failed.code, failed.stdout).toBe(1)
})

test('a function that a file exports by default is a connector', async () => {
  await using world = await createWorld()
  await world.folder.write(
    'audit.ts',
    'export default async ({ user }: { user: { id: string } }) => ({ kind: "delivered", detail: user.id })\n',
  )
  await world.folder.write(
    'onsignup.yaml',
    'server: { port: 0 }\nconnectors:\n  audit: { uses: ./audit.ts }\n',
  )
  const { url } = await world.start()
  const { id } = await publish(url, ada)
  await untilDelivered(url, id)
  expect((await deliveriesOf(url, id))['audit']?.attempts[0]?.detail).toBe('auth0|ada')
})
