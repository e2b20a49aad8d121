import { secretTest } from '@onsignup/core'
import { z } from 'zod'
import type { Head, Refusal } from './contract.ts'

const WITHOUT_SPACES = /^[\x21-\x7e]+$/
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** The options of a source whose sender proves itself with a secret that stays the same. */
export const credentialOptions = {
  token: z.string().regex(WITHOUT_SPACES, 'write a token without spaces').optional().meta({
    writeOnly: true,
    description: 'What the provider sends as Authorization, after Bearer or alone.',
  }),
  basic: z
    .strictObject({
      // A colon would end it.
      username: z
        .string()
        .regex(/^[^:]+$/, 'write a name without a colon')
        .meta({ description: 'The user name.' }),
      password: z.string().min(1).meta({ writeOnly: true, description: 'The password.' }),
    })
    .optional()
    .meta({ description: 'Or what it sends as Authorization: Basic.' }),
  header: z
    .strictObject({
      name: z
        .string()
        .regex(HEADER_NAME, 'write the name of a header, as X-Api-Key')
        .meta({ description: "The header's name.", examples: ['X-Api-Key'] }),
      value: z
        .string()
        .regex(HEADER_VALUE, 'write the value of a header, without a space at its ends')
        .meta({ writeOnly: true, description: 'The value, all of it.' }),
    })
    .optional()
    .meta({ description: 'Or a header of your own that it sends.' }),
}

const credentials = z.object(credentialOptions)

export type Credentials = z.output<typeof credentials>

/** Whether there is any; a source without one would let everybody in. */
export const hasCredential = ({ token, basic, header }: Credentials): boolean =>
  token !== undefined || basic !== undefined || header !== undefined

type Test = (head: Head) => boolean

const SCHEME = /^(bearer|basic) +(\S+)$/i

const withScheme = (authorization: string): { readonly scheme: string; readonly rest: string } => {
  const [, scheme = '', rest = authorization] = SCHEME.exec(authorization) ?? []
  return { scheme: scheme.toLowerCase(), rest }
}

const testsOf = ({ token, basic, header }: Credentials): Test[] => {
  const tests: Test[] = []
  if (token !== undefined) {
    const isToken = secretTest(token)
    tests.push((head) => {
      const { scheme, rest } = withScheme(head.header('authorization') ?? '')
      return scheme !== 'basic' && isToken(rest)
    })
  }
  if (basic !== undefined) {
    const isBasic = secretTest(Buffer.from(`${basic.username}:${basic.password}`).toString('base64'))
    tests.push((head) => {
      const { scheme, rest } = withScheme(head.header('authorization') ?? '')
      return scheme === 'basic' && isBasic(rest)
    })
  }
  if (header !== undefined) {
    const isValue = secretTest(header.value)
    tests.push((head) => isValue(head.header(header.name) ?? ''))
  }
  return tests
}

/** Refuses who sends none of the credentials. */
export const credentialGuard = (known: Credentials): ((head: Head) => Refusal | undefined) => {
  const tests = testsOf(known)
  return (head) =>
    tests.some((test) => test(head))
      ? undefined
      : {
          kind: 'refused',
          status: 401,
          code: 'unauthorized',
          title: 'the credentials are missing or wrong',
          mend: 'have the provider send what the configuration of this source says',
          headers: { 'WWW-Authenticate': 'Bearer' },
        }
}
