import { writeFile } from 'node:fs/promises'
import { startListening, type Service } from '../support/program.ts'

interface Options {
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly method: string
  readonly secrets?: Readonly<Record<string, string>>
}

type Callback = (error: Error | null, envelope?: unknown) => void

/** The scripts that the reference compiled, by what it made of them. */
const scripts = new WeakMap<object, string>()

/** Notes what a compiled function was made of. */
export const remember = (compiled: unknown, script: string): void => {
  if (typeof compiled === 'function') scripts.set(compiled, script)
}

/** Where a service's point is; undefined: each script gets a point of its own. */
const POINT = process.env['POINT']

/** The reference's tests know this secret only, and the service at POINT has it. */
const SECRET = 'foo'

const points = new Map<string, Promise<Service>>()

const startPoint = async (script: string, token: string | undefined): Promise<Service> => {
  const file = `./script-${points.size}.js`
  await writeFile(file, script)
  return startListening(['run', file, '--listen', '0', ...(token === undefined ? [] : ['--token', token])], {
    cwd: '.',
  })
}

/** Where the script is called. */
const pointOf = async (compiled: object, token: string | undefined): Promise<string> => {
  if (POINT !== undefined) return POINT
  const script = scripts.get(compiled) ?? ''
  const name = JSON.stringify([script, token])
  const point = points.get(name) ?? startPoint(script, token)
  points.set(name, point)
  return (await point).url
}

/** Ends the points of the scripts. */
export const endPoints = async (): Promise<void> => {
  for (const point of points.values()) {
    const { kill, ended } = await point
    kill('SIGTERM')
    await ended
  }
}

/**
 * Stands in for test/simulate.js of the reference: sends the case's body over HTTP where that calls the compiled script.
 * A case without a secret is one of a point that asks for none, which a service's never is.
 */
const simulate = (compiled: object, options: Options, cb: Callback): void => {
  const secret = options.secrets?.['auth0-extension-secret']
  if (POINT !== undefined && secret !== undefined && secret !== SECRET) {
    throw new Error(`the secret ${secret} is not configured`)
  }
  const authorization =
    POINT !== undefined && secret === undefined ? { authorization: `Bearer ${SECRET}` } : {}
  const read = async (): Promise<void> => {
    const response = await fetch(await pointOf(compiled, secret), {
      method: options.method,
      headers: { ...authorization, ...options.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(options.body),
    })
    const payload: unknown = await response.json()
    if (response.status >= 400) cb(Object.assign(new Error('HTTP'), payload))
    else cb(null, payload)
  }
  void read()
}

// What `require` of the reference's tests gets.
export { simulate as 'module.exports' }
