import { z } from 'zod'
import { extensibilityPoint } from './auth0/extensibility-point.ts'
import type { Settings } from './auth0/item.ts'
import { readPayload } from './auth0/payload.ts'
import { defineSource, type Endpoint } from './contract.ts'
import { credentialGuard, credentialOptions, hasCredential } from './credentials.ts'

/** A batch of a log stream; Auth0 names no limit (2026-11). */
const LARGEST_BODY = 4 * 1_024 * 1_024

const options = z
  .strictObject({
    ...credentialOptions,
    tenant: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "The tenant's name, for what comes without one. Default: none.",
        examples: ['acme'],
      }),
    hook_protocol: z.enum(['v6', 'v5']).default('v6').meta({
      description: 'How POST /NAME/post-user-registration answers, as Auth0 did since 2020 or before.',
    }),
  })
  .check(({ value, issues }) => {
    if (hasCredential(value)) return
    issues.push({
      code: 'custom',
      input: value,
      path: ['token'],
      message: 'without a credential anybody may send registrations',
      params: { mend: 'set token, basic or header' },
    })
  })

/**
 * Auth0: Event Streams, log streams and Actions at `/sources/NAME`, which know themselves by their form, and the
 * extensibility point of its Hooks at `/NAME/post-user-registration`, with a token only.
 */
export const auth0 = defineSource({
  provider: 'auth0',
  options,
  connect({ tenant, hook_protocol, ...credentials }, name) {
    const settings: Settings = { name, tenant: tenant ?? null }
    const streams: Endpoint = {
      path: `/sources/${name}`,
      methods: ['POST'],
      largestBody: LARGEST_BODY,
      admit: credentialGuard(credentials),
      read: ({ body }) => readPayload(body, settings),
    }
    const { token } = credentials
    if (token === undefined) return [streams]
    const point = { token, protocol: hook_protocol, largestBody: LARGEST_BODY, settings }
    return [streams, extensibilityPoint(point)]
  },
})
