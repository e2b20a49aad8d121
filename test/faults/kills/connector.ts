import { definePlugin, delivered, retry, unknown } from '@onsignup/core'
import { z } from 'zod'

/** A connection that was refused carried nothing; anything else may have arrived. */
const noAnswer = (cause: unknown) => {
  const reason: unknown = cause instanceof Error ? cause.cause : undefined
  const isRefused = reason instanceof Error && 'code' in reason && reason.code === 'ECONNREFUSED'
  return isRefused ? retry('cannot be reached', { cause }) : unknown('no answer', { cause })
}

/** A user's own plugin, copied beside the configuration under test: says which delivery it is, and to whom. */
export default definePlugin({
  name: 'far-side',
  options: z.strictObject({ url: z.url(), repeats: z.enum(['harmless', 'harmful']) }),
  connect: ({ url, repeats }, { fetch }) => ({
    repeats,
    async postUserRegistration({ id }, { connector, idempotencyKey, signal }) {
      const sent = { event: id, connector, key: idempotencyKey }
      try {
        const response = await fetch(url, { method: 'POST', body: JSON.stringify(sent), signal })
        await response.text()
        return response.ok ? delivered() : retry(`answered HTTP ${response.status}`)
      } catch (cause) {
        return noAnswer(cause)
      }
    },
  }),
})
