import type { Logger } from '@onsignup/core'
import type { RegistrationBus } from '@onsignup/core/engine'
import { bearerGuard, type CallersToken } from './bearer.ts'
import { Body } from './body.ts'
import { failureAnswer } from './failure.ts'
import { ProblemError, type Answer } from './problem.ts'

export interface IntakePorts {
  readonly bus: Pick<RegistrationBus, 'publish'>
  readonly logger: Logger
  readonly token: CallersToken
}

/** A POST of one registration, whatever kind of server it came to. */
export interface EventRequest {
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  /** Gives the body every chunk that comes; resolves when it has ended, rejects when it never will. */
  readonly read: (body: Body) => Promise<void>
}

/** `POST /events`; see docs/http.md. Rejects when the client is gone before it has sent its body. */
export type Intake = (request: EventRequest) => Promise<Answer>

export const EVENTS_PATH = '/events'

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ProblemError({
      status: 400,
      code: 'invalid_json',
      title: 'the body is not JSON',
      detail: error.message,
      errors: [{ path: '', message: error.message }],
    })
  }
}

/** Told of a client that went away, whom nobody can answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export const createIntake = ({ bus, logger, token }: IntakePorts): Intake => {
  const mustBear = bearerGuard(token)

  const take = async ({ authorization, contentType, read }: EventRequest): Promise<Answer> => {
    mustBear(authorization)
    if (!JSON_TYPE.test(contentType ?? '')) {
      throw new ProblemError({
        status: 415,
        code: 'not_json',
        title: `Content-Type is ${contentType ?? 'missing'}`,
        mend: 'send application/json',
      })
    }
    const body = new Body()
    await read(body)
    const published = await bus.publish(parse(body.text()))
    return {
      status: 202,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(published),
    }
  }

  return async (request) => {
    try {
      return await take(request)
    } catch (error) {
      if (error instanceof ClientGone) throw error
      return failureAnswer(error, EVENTS_PATH, logger)
    }
  }
}
