import { LARGEST_EVENT } from '@onsignup/core/engine'
import { ProblemError } from './problem.ts'

/** Of a body that is too large, this much is read to its end, since a client may not hear an answer before that. */
const READ_TO_THE_END = 4 * 1_024 * 1_024

const tooLarge = (largest: number, isRead: boolean): ProblemError =>
  new ProblemError(
    {
      status: 413,
      code: 'too_large',
      title: `the body is larger than ${largest} bytes`,
      mend: 'leave out metadata that no connector reads',
    },
    // What was not read would be taken for the next request of the connection.
    isRead ? {} : { Connection: 'close' },
  )

/** A request's body as it comes, of which no more is kept than it may have. */
export class Body {
  readonly #chunks: Uint8Array[] = []
  readonly #largest: number
  #size = 0

  constructor(largest = LARGEST_EVENT) {
    this.#largest = largest
  }

  /** Throws ProblemError `too_large` when there is no use in reading on. */
  add(chunk: Uint8Array): void {
    this.#size += chunk.byteLength
    if (this.#size <= this.#largest) this.#chunks.push(chunk)
    if (this.#size > Math.max(this.#largest, READ_TO_THE_END)) throw tooLarge(this.#largest, false)
  }

  /** All of it, which has ended; throws ProblemError `too_large`. */
  bytes(): Uint8Array {
    if (this.#size > this.#largest) throw tooLarge(this.#largest, true)
    const [only] = this.#chunks
    return only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks)
  }

  /** As `bytes`, decoded. */
  text(): string {
    return new TextDecoder().decode(this.bytes())
  }
}

/** Reads the body of a web Request, of which the chunks are no Buffers in every runtime. */
export const readInto =
  ({ body: stream }: Request) =>
  async (body: Body): Promise<void> => {
    for await (const chunk of stream ?? []) body.add(chunk)
  }
