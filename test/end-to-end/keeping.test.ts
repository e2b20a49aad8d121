import { expect, test } from 'vitest'
import { publish, untilDelivered } from '../support/http.ts'
import { named } from '../support/registrations.ts'
import { createWorld } from '../support/world.ts'

const COUNTER = `import { definePlugin, delivered } from '@onsignup/core'
import { z } from 'zod'

export default definePlugin({
  name: 'counter',
  options: z.object({ token: z.string().meta({ writeOnly: true }) }),
  connect: ({ token }, { state }) => ({
    async postUserRegistration({ user }) {
      const count = Number(await state.get('count') ?? 0) + 1
      await state.set('count', count)
      return delivered(\`number \${count}\`, { output: \`\\x1b[31m\${user.email}\\nwith \${token}\\r\\n\` })
    },
  }),
})
`

test('a plugin keeps its state over a kill, and what it prints is shown with the delivery', async () => {
  await using world = await createWorld()
  await world.folder.write('counter.ts', COUNTER)
  await world.folder.write(
    'onsignup.yaml',
    `server: { port: 0 }
store: ./onsignup.db
connectors:
  counter: { uses: ./counter.ts, with: { token: a-secret-token } }
`,
  )
  const deliver = async (url: string, name: string) => {
    const { id } = await publish(url, named(name))
    await untilDelivered(url, id)
    return id
  }
  const first = await world.start('--log-level', 'silent')
  const event = await deliver(first.url, 'ada')
  first.kill('SIGKILL')
  await first.ended
  const { url } = await world.start('--log-level', 'silent')
  await deliver(url, 'grace')

  const { stdout } = await world.run(['deliveries', '--url', url])
  const [grace, ada] = stdout.split('\n').map((line) => /^delivered {2}(\d+)/.exec(line)?.[1] ?? '')
  const shown = async (id = '') => (await world.run(['delivery', id, '--url', url])).stdout
  expect(await shown(grace)).toContain('number 2')
  expect((await shown(ada)).replace(/\S+Z {2}\d+ ms/, 'then'))
    .toBe(`delivered  ${ada}  counter  ada@example.com
event ${event}
  then  delivered  number 1
    | ada@example.com
    | with [secret]
`)
  const { json } = await world.run(['delivery', ada ?? '', '--url', url, '--json'])
  expect(json()).toMatchObject([{ attempts: [{ output: '\u001B[31mada@example.com\nwith [secret]\r\n' }] }])
  expect(await world.run(['delivery', '999999', '--url', url])).toMatchObject({
    code: 1,
    stderr: 'error: there is no such delivery\n',
  })
})
