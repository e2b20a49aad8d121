import { startSandbox, type Sandbox, type SandboxOptions } from '@onsignup/sandbox'
import { createFolder, type Folder } from './folder.ts'
import { runProgram, startService, type Ran, type RunOptions, type Service } from './program.ts'

/** The far sides, a folder, and the program that runs in it. */
export interface World extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly folder: Folder
  start(...args: string[]): Promise<Service>
  run(args: readonly string[], options?: Omit<RunOptions, 'cwd'>): Promise<Ran>
}

/** What a test's configuration says beside the addresses of the far sides; YAML. */
export interface Configuration {
  /** Members of `server:` beside the port. */
  readonly server?: string
  /** Members of each connector beside its plugin and its options. */
  readonly settings?: string
  /** Members of `with:` of team-slack. */
  readonly slack?: string
  readonly slackUrl?: string
  /** Members of crm beside its plugin and its options. Default: it waits for no others. */
  readonly crm?: string
  /** Top-level keys. */
  readonly top?: string
  /** More connectors. */
  readonly more?: string
}

/** The three connectors against the stand-ins, impatient enough for a test. */
const configurationOf = (
  { slack, salesforce, smtp }: Sandbox,
  {
    server = '',
    settings = '',
    slack: message = '',
    slackUrl = slack.url,
    crm = 'batch: { max_wait: 0s }',
    top = '',
    more = '',
  }: Configuration = {},
): string => `
server: { port: 0, grace: 5s${server} }
store: ./onsignup.db
${top}
connectors:
  team-slack:
    uses: slack
    with: { api_url: '${slackUrl}', token: ${slack.token}, channel: C0000000001${message} }
    retry: { max_attempts: 1000, initial: 50ms, max: 100ms }
    ${settings}
  crm:
    uses: salesforce
    with:
      login_url: ${salesforce.url}
      client_id: ${salesforce.clientId}
      client_secret: ${salesforce.clientSecret}
    retry: { max_attempts: 1000, initial: 50ms, max: 100ms }
    ${crm}
    ${settings}
  welcome:
    uses: email
    with: { server: '${smtp.url}', from: 'Acme <hello@acme.example>', text: 'Hello {{ user.email }}' }
    retry: { max_attempts: 1000, initial: 50ms, max: 100ms }
    ${settings}
${more}`

/** A sandbox, and a folder with an onsignup.yaml for it. What is still running when it is disposed of is killed. */
export const createWorld = async (
  configuration: Configuration = {},
  options: SandboxOptions = {},
): Promise<World> => {
  const sandbox = await startSandbox(options)
  const folder = await createFolder()
  await folder.write('onsignup.yaml', configurationOf(sandbox, configuration))
  const services: Service[] = []
  return {
    sandbox,
    folder,
    async start(...args) {
      const service = await startService(args, { cwd: folder.path })
      services.push(service)
      return service
    },
    run: (args, run) => runProgram(args, { ...run, cwd: folder.path }),
    async [Symbol.asyncDispose]() {
      for (const { kill } of services) kill('SIGKILL')
      await Promise.all(services.map((service) => service.ended))
      await sandbox.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}
