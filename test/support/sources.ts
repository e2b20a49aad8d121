import { createFolder } from './folder.ts'
import { startService, type Service } from './program.ts'

/** Starts a service with members of `sources:`, as `auth0: { token: foo }`, and a connector that does nothing. */
export const startWithSources = async (
  ...sources: readonly string[]
): Promise<Pick<Service, 'url'> & AsyncDisposable> => {
  const folder = await createFolder()
  await folder.write('seen.ts', 'export default () => {}')
  await folder.write(
    'onsignup.yaml',
    `server: { port: 0 }
store: ./onsignup.db
sources: { ${sources.join(', ')} }
connectors: { seen: { uses: ./seen.ts } }
`,
  )
  const { url, kill, ended } = await startService(['--log-level', 'silent'], { cwd: folder.path })
  return {
    url,
    async [Symbol.asyncDispose]() {
      kill('SIGKILL')
      await ended
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** The body of an Event Stream's event of a new user, as JSON. */
export const createdEvent = (id: string, more: object = {}): string =>
  JSON.stringify({
    specversion: '1.0',
    type: 'user.created',
    id: `evt_${id}`,
    a0tenant: 'acme',
    data: { object: { user_id: `auth0|${id}` } },
    ...more,
  })
