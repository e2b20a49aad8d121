import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

// Programs that others wrote, which the machine may have or not; .ci/peers installs them where it can.

const BUILD = fileURLToPath(new URL('../../../.build/peers', import.meta.url))

const succeeds = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean =>
  spawnSync(program, args, { env, stdio: 'ignore', timeout: 20_000 }).status === 0

/** A Python with aiosmtpd and dkimpy; Debian's are for Debian's Python alone. */
export const PYTHON = ['python3', '/usr/bin/python3'].find((program) =>
  succeeds(program, ['-c', 'import aiosmtpd.smtp, dkim']),
)

/** Postfix's test server, installed or unpacked. */
export const SMTP_SINK = ['/usr/sbin/smtp-sink', `${BUILD}/usr/sbin/smtp-sink`].find((program) =>
  spawnSync(program, [], { env: sinkEnvironment(), encoding: 'utf8' }).stderr?.includes('usage'),
)

function sinkEnvironment(): NodeJS.ProcessEnv {
  const libraries = `${BUILD}/usr/lib`
  const folders = existsSync(libraries) ? readdirSync(libraries) : []
  return { ...process.env, LD_LIBRARY_PATH: folders.map((name) => join(libraries, name)).join(':') }
}

const messageSchema = z.object({
  from: z.string(),
  to: z.array(z.string()),
  headers: z.array(z.tuple([z.string(), z.string()])),
  recipients: z.array(z.string()),
  text: z.string().nullable(),
  html: z.string().nullable(),
  defects: z.array(z.string()),
  dkim: z.boolean().nullable(),
})

/** A message as Python reads it. */
export type PythonMessage = z.output<typeof messageSchema>

/** A server of Python's; `record` is the DKIM record of every name. */
export const pythonServer = async (python: string, record?: string) => {
  const script = fileURLToPath(new URL('mail_server.py', import.meta.url))
  const child = spawn(python, [script, ...(record === undefined ? [] : [record])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('mail_server.py ended')
    return value
  }
  const port = Number(await next())
  return {
    url: `smtp://127.0.0.1:${port}`,
    /** The next message, once it is there. */
    message: async (): Promise<PythonMessage> => messageSchema.parse(JSON.parse(await next())),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const answers = async (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    (error: unknown) => !/ECONNREFUSED/.test(String(error instanceof Error && error.cause)),
  )

/** Postfix's server; the arguments say at which command it refuses or cuts. */
export const sinkServer = async (program: string, args: readonly string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-sink-'))
  await chmod(folder, 0o777)
  const port = await freePort()
  const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn(program, [...asNobody, ...args, '-d', `${folder}/mail.`, `127.0.0.1:${port}`, '10'], {
    env: sinkEnvironment(),
    stdio: 'ignore',
  })
  while (child.exitCode === null && !(await answers(port))) await new Promise(setImmediate)
  return {
    url: `smtp://127.0.0.1:${port}`,
    /** What it took, the envelope in front as X-…-Args. */
    async messages(): Promise<readonly string[]> {
      const names = await readdir(folder)
      return Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      if (child.exitCode === null) child.kill()
      if (child.exitCode === null && child.signalCode === null) await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}
