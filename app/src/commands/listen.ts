import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { answeringPlugin } from '@onsignup/auth0-hook/point'
import { LARGEST_EVENT, normalise, silentLogger } from '@onsignup/core/engine'
import { answerSaid, extensibilityPoint, type Said } from '@onsignup/sources'
import { Hono } from 'hono'
import { Body, readInto } from '../http/body.ts'
import { failureAnswer } from '../http/failure.ts'
import { ProblemError, toResponse } from '../http/problem.ts'
import { EXIT, print, type Output } from '../output.ts'
import { Server, webListener } from '../server.ts'
import { printRan } from './ran.ts'
import { startTrial, type TrialOptions } from './script-trial.ts'

export interface ListenOptions extends TrialOptions {
  /** The port; 0: any that is free. */
  readonly listen: number
  /** What callers bear; default: none. */
  readonly token?: string
  readonly json: boolean
}

const HOST = '127.0.0.1'

/** Each is a process. */
const MOST_AT_ONCE = 10

/** Answers Auth0's extensibility point with what one script says, each call a run, until SIGTERM or SIGINT. */
export const listen = async (script: string, options: ListenOptions, output: Output): Promise<number> => {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  const stop = new AbortController()
  const calls = new Map<string, (said: Said) => void>()
  await using trial = await startTrial(
    script,
    options,
    answeringPlugin((key, said) => calls.get(key)?.(said)),
    output,
  )

  /** Resolves to what the script says, though it may still be at work then. */
  const call = (registration: unknown): Promise<Said> => {
    if (calls.size >= MOST_AT_ONCE) {
      throw new ProblemError({ status: 503, code: 'busy', title: `${MOST_AT_ONCE} calls are being answered` })
    }
    const { event } = normalise(registration, Date.now(), randomUUID)
    const key = randomUUID()
    const said = Promise.withResolvers<Said>()
    calls.set(key, said.resolve)
    const begun = performance.now()
    trial
      .run(event, stop.signal, key)
      .then((outcome) => {
        const ms = Math.round(performance.now() - begun)
        printRan({ script, kind: trial.kind, outcome, ms }, options, output)
      })
      .catch(said.reject)
      .finally(() => calls.delete(key))
    return said.promise
  }

  const { path, largestBody, admit, read, answer } = extensibilityPoint({
    token: options.token ?? null,
    protocol: 'v6',
    largestBody: LARGEST_EVENT,
    settings: { name: 'auth0', tenant: null },
  })
  const app = new Hono()
    .post(path, async ({ req }) => {
      const head = { method: req.method, header: (name: string) => req.header(name) }
      const denied = admit(head)
      if (denied !== undefined) return toResponse(answer(denied))
      const body = new Body(largestBody)
      await readInto(req.raw)(body)
      const came = read({ ...head, body: body.bytes() })
      if (came.kind === 'refused') return toResponse(answer(came))
      return toResponse(answerSaid('v6', await call(came.registrations[0]?.registration)))
    })
    .onError((error, { req }) => toResponse(failureAnswer(error, req.path, silentLogger)))
  const server = new Server(webListener(app), { port: options.listen, host: HOST })
  await server.open()
  const url = `${server.url}${path}`
  print(output, options.json ? JSON.stringify({ url }) : `${script} listens on ${url}`)
  await stopped
  stop.abort()
  await server.close()
  return EXIT.ok
}
