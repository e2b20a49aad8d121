type Fetch = typeof globalThis.fetch

/** Longer answers of far sides are not read to their end. Bytes, unpacked. */
const LONGEST_ANSWER = 16 * 1_024 * 1_024

/** Whether the answer says itself that it is short enough; packed, its length says nothing. */
const isShort = ({ headers }: Response, limit: number): boolean => {
  const length = headers.get('Content-Length')
  return length !== null && Number(length) <= limit && !headers.has('Content-Encoding')
}

const cutAt = (limit: number): TransformStream<Uint8Array, Uint8Array> => {
  let read = 0
  return new TransformStream({
    transform(chunk, controller) {
      read += chunk.byteLength
      if (read <= limit) controller.enqueue(chunk)
      else controller.error(new Error(`the answer is longer than ${limit} bytes, and the rest was not read`))
    },
  })
}

/** A `fetch` whose answers end with an error where they get too long, so that one far side cannot fill the memory of all. */
export const boundedFetch =
  (fetch: Fetch, limit = LONGEST_ANSWER): Fetch =>
  async (...args) => {
    const response = await fetch(...args)
    if (response.body === null || isShort(response, limit)) return response
    const { status, statusText, headers, url, redirected } = response
    const cut = new Response(response.body.pipeThrough(cutAt(limit)), { status, statusText, headers })
    // A Response that is made by hand knows neither.
    return Object.defineProperties(cut, { url: { value: url }, redirected: { value: redirected } })
  }
