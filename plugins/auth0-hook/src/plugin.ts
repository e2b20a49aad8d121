import { dirname, resolve } from 'node:path'
import { createRedact, definePlugin, milliseconds, OnSignupError, retry, type Outcome } from '@onsignup/core'
import { analyseScript } from './analysis.ts'
import { check } from './check.ts'
import { classify, notesOf } from './classify.ts'
import { createKept } from './kept.ts'
import { effectiveDependencies } from './modules/effective.ts'
import { megabytes, optionsSchema } from './options.ts'
import { longestSent } from './output.ts'
import { createPool } from './pool.ts'
import { moduleFindings } from './preflight.ts'
import { preview } from './preview.ts'
import { startProcess } from './process.ts'
import { runScript } from './run.ts'
import { saidAtEnd, saidOfOutcome, type Said } from './said.ts'
import { syntaxProblem } from './script.ts'

/** Told of what a run's script said, once; `key` is the delivery's idempotency key. */
export type OnSaid = (key: string, said: Said) => void

/** Makes the plugin; with `onSaid` a run takes longer, since all that its script says is kept. */
export const createPlugin = (onSaid?: OnSaid) =>
  definePlugin({
    name: 'auth0-hook',
    options: optionsSchema,
    repeats: 'harmful',
    // Longer than any script's own timeout, which is the one that ends a run.
    defaults: { timeout: '16m' },
    async connect(options, { connector, logger, clock, files, state, folder }) {
      const script = resolve(folder, options.script)
      const source = await files.read(options.script)
      const problem = syntaxProblem(source, script)
      if (problem !== undefined) {
        throw new OnSignupError(
          'options_invalid',
          `with.script: ${options.script} does not parse: ${problem}`,
          {
            mend: 'correct it; it is CommonJS, with require and module.exports',
          },
        )
      }
      const analysis = analyseScript(source)
      const { secrets, env, memory } = options
      const meta = { 'hook-name': connector, ...options.meta }
      const hidden = [...Object.values(secrets), ...Object.values(env)]
      const redact = createRedact(hidden)
      const limit = milliseconds(options.timeout)
      const { dependencies, configuration } = options
      const asked = {
        script,
        named: options.script,
        dependencies,
        secrets: Object.keys(secrets),
        configuration,
      }
      // It may be required on no way that is ever taken, so that the service starts all the same.
      for (const { what, mend } of moduleFindings(analysis, asked)) {
        logger.warn({ connector }, `${what} → ${mend}`)
      }
      const isAction = analysis.kind === 'action'
      const rules = { isAction, onNoCallback: options.on_no_callback, limit, memory, secrets: hidden, redact }
      const kept = createKept(state, clock.now)
      const start = () =>
        startProcess(
          {
            connector,
            script,
            secrets,
            // Looked for at each start: somebody may install them while the service runs.
            dependencies: effectiveDependencies(script, analysis, dependencies),
            meta,
            configuration,
            isCalled: onSaid !== undefined,
            longestOutput: longestSent(hidden),
            memory: megabytes(memory),
            env,
            readable: options.permissions === 'strict' ? [dirname(script)] : undefined,
          },
          clock,
        )
      const pool = createPool(start, clock, options.reuse)
      return {
        async postUserRegistration(event, { signal, idempotencyKey: key }) {
          let hasSaid = false
          const say = (said: Said | undefined): void => {
            if (said === undefined || hasSaid) return
            hasSaid = true
            onSaid?.(key, said)
          }
          const end = (outcome: Outcome): Outcome => {
            say(saidOfOutcome(outcome))
            return outcome
          }
          const cache = await kept.cache()
          const process = signal.aborted ? undefined : pool.take()
          if (process === undefined) {
            return end(retry('stopped before the hook was called', { code: 'stopped' }))
          }
          const record = await runScript(
            process,
            { event, key, cache },
            {
              clock,
              signal,
              limit,
              answer: kept.answer,
              onEnd: (how) => say(onSaid && saidAtEnd(how, redact)),
            },
          )
          const { over } = record
          pool.give(process, over.why === 'idle' && over.unclean === undefined)
          if (over.why === 'idle' && over.unclean !== undefined) {
            logger.debug({ connector }, `the next run gets a new process: ${redact(over.unclean)}`)
          }
          for (const note of notesOf(record, rules)) {
            logger.warn({ connector, event: event.id }, `the hook: ${note}`)
          }
          return end(classify(record, rules))
        },
        preview: (event, { idempotencyKey }) =>
          preview(event, idempotencyKey, {
            named: options.script,
            isAction,
            secrets,
            meta,
            redact,
          }),
        check: (run) => check({ ...asked, limit, clock }, run),
        close: () => pool.close(),
      }
    },
  })
