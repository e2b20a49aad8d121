interface Options {
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly method: string
  readonly secrets?: Readonly<Record<string, string>>
}

type Callback = (error: Error | null, envelope?: unknown) => void

const URL_OF_POINT = process.env['POINT'] ?? ''

/** The reference's tests know this secret only. */
const SECRET = 'foo'

/**
 * Stands in for test/simulate.js of the reference: sends the case's body over HTTP where that calls the compiled script.
 * A case without a secret is one of a point that asks for none, which ours never is.
 */
const simulate = (_compiled: unknown, options: Options, cb: Callback): void => {
  const secret = options.secrets?.['auth0-extension-secret'] ?? null
  if (secret !== null && secret !== SECRET) throw new Error(`the secret ${secret} is not configured`)
  const authorization = secret === null ? { authorization: `Bearer ${SECRET}` } : {}
  const answered = fetch(URL_OF_POINT, {
    method: options.method,
    headers: { ...authorization, ...options.headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(options.body),
  })
  const read = async (): Promise<void> => {
    const response = await answered
    const payload: unknown = await response.json()
    if (response.status >= 400) cb(Object.assign(new Error('HTTP'), payload))
    else cb(null, payload)
  }
  void read()
}

// What `require` of the reference's tests gets.
export { simulate as 'module.exports' }
