import { normalise, type Normalised } from '@onsignup/core/engine'
import { auth0 } from './auth0.ts'
import type { Endpoint, Head, Reading, Refusal } from './contract.ts'

export { default as streamEvent } from '../fixtures/auth0-event-stream.json' with { type: 'json' }
export { default as socialEvent } from '../fixtures/auth0-event-stream-social.json' with { type: 'json' }
export { default as hookBody } from '../fixtures/auth0-hooks-post-user-registration.json' with { type: 'json' }
export { default as logRecords } from '../fixtures/auth0-log-stream-ss.json' with { type: 'json' }

const TOKEN = 'the-token-of-the-stream'

/** What is known of a POST with these headers, their names in lower case. */
export const head = (headers: Readonly<Record<string, string>> = {}): Head => ({
  method: 'POST',
  header: (name) => headers[name.toLowerCase()],
})

export const endpointsOf = (options: object = {}, name = 'auth0'): Promise<readonly Endpoint[]> =>
  auth0.connect({ token: TOKEN, ...options }, name)

/** What Auth0's source reads in a body. */
export const read = async (body: unknown, options?: object, name?: string): Promise<Reading | Refusal> => {
  const [streams] = await endpointsOf(options, name)
  if (streams === undefined) throw new Error('there is no endpoint')
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return streams.read({ ...head(), body: new TextEncoder().encode(text) })
}

export const readingOf = async (...args: Parameters<typeof read>): Promise<Reading> => {
  const reading = await read(...args)
  if (reading.kind === 'refused') throw new Error(reading.title)
  return reading
}

let nonces = 0

/** What core makes of what the source reads. */
export const normalised = async (...args: Parameters<typeof read>): Promise<readonly Normalised[]> =>
  (await readingOf(...args)).registrations.map(({ registration }) =>
    normalise(registration, 0, () => `nonce ${(nonces += 1)}`),
  )

export const eventOf = async (...args: Parameters<typeof read>) => {
  const [first] = await normalised(...args)
  if (first === undefined) throw new Error('there is no registration')
  return first
}
