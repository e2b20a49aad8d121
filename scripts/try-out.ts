import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { installTarballs } from './install.ts'
import { outputOf } from './run.ts'

const CONFIGURATION = `server:
  port: 0
store: ./onsignup.db
connectors:
  hello:
    uses: ./hello.js
`

const CONNECTOR = `import { delivered } from '@onsignup/core'
export default async ({ user }, run) => {
  run.logger.info(\`hello \${user.id}\`)
  return delivered()
}
`

// The lines that must be refused would not be when the types are lost on the way, since anything could be called then.
const CONSUMER = `import { fromAuth0Hook } from '@onsignup/auth0-hook'
import { delivered, type Hook } from '@onsignup/core'
import slack from '@onsignup/slack'
import { createOnSignup } from 'onsignup'

const audit: Hook = ({ user }, run) => delivered(\`\${user.email ?? ''} \${run.idempotencyKey}\`)

createOnSignup({ sources: { auth0: { token: 'a-token' } } })
  .use('team-slack', slack, { with: { token: 'xoxb-1', channel: 'C0123456789' } })
  .use('legacy', fromAuth0Hook((user, context, cb) => cb(null, [user.email, context.connection?.name])))
  .use('audit', audit)

// @ts-expect-error There is no such option.
createOnSignup({ sture: './onsignup.db' })
// @ts-expect-error Nor of a source.
createOnSignup({ sources: { auth0: { tokn: 'a-token' } } })
// @ts-expect-error Nor of a plugin.
createOnSignup().use('team-slack', slack, { with: { chanel: 'C0123456789' } })
// @ts-expect-error A user has no such field.
createOnSignup().use('legacy', fromAuth0Hook((user, context, cb) => cb(null, user.emial)))
// @ts-expect-error Nor has that of an event.
createOnSignup().use('audit', ({ user }) => delivered(user.emial))
`

/** Starts the installed program, waits until it is healthy, and stops it; throws when any of these goes wrong. */
const startAndStop = async (folder: string): Promise<void> => {
  const program = join(folder, 'node_modules/onsignup/bin/onsignup.js')
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  const service = spawn(process.execPath, [program, 'start'], { cwd: folder, stdio, timeout: 60_000 })
  const ended = once(service, 'exit')
  for await (const line of createInterface({ input: service.stdout })) {
    process.stdout.write(`  ${line}\n`)
    const url = /listens on (\S+)/.exec(line)?.[1]
    if (url === undefined) continue
    const { status } = await fetch(`${url}/healthz`)
    process.stdout.write(`  GET /healthz: ${status}\n`)
    service.kill(status === 200 ? 'SIGTERM' : 'SIGKILL')
  }
  const [code, signal] = await ended
  if (code !== 0)
    throw new Error(`onsignup start ended with exit code ${code}, signal ${signal}, instead of 0`)
}

/** Installs the packed packages in a folder outside the workspace and uses them there as a user would. */
export const tryOut = async (tarballs: ReadonlyMap<string, string>): Promise<void> => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'onsignup-try-out-'))
  const at = (name: string): string => join(folder.path, name)
  await writeFile(at('onsignup.yaml'), CONFIGURATION)
  await writeFile(at('hello.js'), CONNECTOR)
  await writeFile(at('consumer.ts'), CONSUMER)

  await installTarballs(folder.path, tarballs)
  const compile = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', 'consumer.ts']
  await outputOf(['tsc', ...compile], folder.path)
  await outputOf(['npx', '--no-install', 'onsignup', '--help'], folder.path)
  await startAndStop(folder.path)
}
