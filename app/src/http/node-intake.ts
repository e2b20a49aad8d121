import type { IncomingMessage, RequestListener } from 'node:http'
import type { Body } from './body.ts'
import { ClientGone, EVENTS_PATH, type Intake } from './intake.ts'

const readInto =
  (request: IncomingMessage) =>
  (body: Body): Promise<void> =>
    new Promise((resolve, reject) => {
      request.on('data', (chunk: Buffer) => {
        try {
          body.add(chunk)
        } catch (error) {
          request.removeAllListeners('data').resume()
          reject(error)
        }
      })
      request.once('end', resolve)
      request.once('error', (cause) => reject(new ClientGone('the request was cut', { cause })))
    })

/**
 * Takes registrations from node:http's own request and leaves the other requests to `others`: a web Request and
 * Response for each would cost more than all else that is done for it.
 */
export const nodeIntake =
  (intake: Intake, others: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method !== 'POST' || request.url !== EVENTS_PATH) return others(request, response)
    const { authorization, 'content-type': contentType } = request.headers
    intake({ authorization, contentType, read: readInto(request) }).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
        response.end(body)
      },
      () => request.destroy(),
    )
  }
