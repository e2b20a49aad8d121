import { LARGEST_EVENT } from '@onsignup/core/engine'
import { ProblemError } from './problem.ts'

/** Of a body that is too large, this much is read to its end, since a client may not hear an answer before that. */
const READ_TO_THE_END = 4 * 1_024 * 1_024

const tooLarge = (isRead: boolean): ProblemError =>
  new ProblemError(
    {
      status: 413,
      code: 'too_large',
      title: `the body is larger than ${LARGEST_EVENT} bytes`,
      mend: 'leave out metadata that no connector reads',
    },
    // What was not read would be taken for the next request of the connection.
    isRead ? {} : { Connection: 'close' },
  )

/** Whether it says that it is short enough to be read in one go, which costs a third of reading it as it comes. */
const saysShort = ({ headers }: Request): boolean => {
  const length = headers.get('Content-Length')
  return length !== null && /^\d+$/.test(length) && Number(length) <= LARGEST_EVENT
}

/** The text of a request's body; throws ProblemError `too_large`, having kept no more than an event may have. */
export const readBody = async (request: Request): Promise<string> => {
  if (saysShort(request)) {
    const body = await request.arrayBuffer()
    // A server keeps to the length that was announced; a Request that is made by hand need not.
    if (body.byteLength > LARGEST_EVENT) throw tooLarge(true)
    return new TextDecoder().decode(body)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size <= LARGEST_EVENT) chunks.push(chunk)
    if (size > READ_TO_THE_END) throw tooLarge(false)
  }
  if (size > LARGEST_EVENT) throw tooLarge(true)
  return new TextDecoder().decode(Buffer.concat(chunks))
}
