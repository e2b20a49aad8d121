import { createRequire, registerHooks } from 'node:module'

/** `node run-reference-tests.ts`: runs cases of the reference against the point at POINT; a line of JSON for each. */

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

const cases: { readonly suite: string; readonly title: string; readonly body: Body }[] = []
let suite = ''

// What mocha gives them, as far as they use it.
Object.assign(globalThis, {
  describe(title: string, define: () => void) {
    suite = title
    define()
  },
  it(title: string, body: Body) {
    cases.push({ suite, title, body })
  },
})

const require = createRequire(import.meta.url)
for (const file of ['user-registration.tests.js', 'generic.tests.js']) {
  require(`auth0-ext-compilers/test/${file}`)
}

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

for (const { suite, title, body } of cases) {
  const error = await run(body)
  process.stdout.write(`${JSON.stringify({ suite, title, error: error === null ? null : String(error) })}\n`)
}
