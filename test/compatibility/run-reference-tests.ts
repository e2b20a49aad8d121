import { createRequire, registerHooks } from 'node:module'
import compilers from 'auth0-ext-compilers'
import { endPoints, remember } from './http-simulate.ts'

/**
 * `node run-reference-tests.ts`: runs cases of the reference against the service's point at POINT, or without one against
 * points of their scripts; a line of JSON for each. Writes scripts into the current folder.
 */

const SIMULATE = new URL('./http-simulate.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const isTheirs = context.parentURL?.includes('/auth0-ext-compilers/test/') ?? false
    return isTheirs && specifier === './simulate'
      ? { url: SIMULATE, shortCircuit: true }
      : next(specifier, context)
  },
})

type Body = (done: (error?: unknown) => void) => void

const cases: { readonly title: string; readonly body: Body }[] = []

// What mocha gives them, as far as they use it.
Object.assign(globalThis, {
  describe(_suite: string, define: () => void) {
    define()
  },
  it(title: string, body: Body) {
    cases.push({ title, body })
  },
})

for (const [name, compile] of Object.entries(compilers)) {
  compilers[name] = (options, cb) =>
    compile(options, (error, compiled) => {
      remember(compiled, options.script)
      cb(error, compiled)
    })
}

const require = createRequire(import.meta.url)
// index.js of the reference compiles this point with what compiles pre-user-registration, after which these are named.
void require('auth0-ext-compilers/test/user-registration.tests.js')

/** Their assertions throw within callbacks, where only the process hears of it. */
const run = (body: Body): Promise<unknown> =>
  new Promise((resolve) => {
    const end = (error?: unknown) => {
      process.off('unhandledRejection', end).off('uncaughtException', end)
      resolve(error ?? null)
    }
    process.on('unhandledRejection', end).on('uncaughtException', end)
    try {
      body(end)
    } catch (error) {
      end(error)
    }
  })

for (const { title, body } of cases) {
  const error = await run(body)
  process.stdout.write(`${JSON.stringify({ title, error: error === null ? null : String(error) })}\n`)
}

await endPoints()
