import { z } from 'zod'

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/

/** Keys of a record that Salesforce and jsforce give a meaning of their own, lower-cased. */
const RESERVED = new Set(['id', 'type', 'attributes'])

const isReserved = (name: string): boolean => RESERVED.has(name.toLowerCase())

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL's host is this machine, where plain http is no risk. */
export const isLoopback = ({ hostname }: URL): boolean => LOOPBACK.test(hostname)

const loginUrlProblem = (value: string): string | undefined => {
  const url = URL.parse(value)
  if (url === null) return 'write the My Domain URL of your org, as https://acme.my.salesforce.com'
  if (url.hostname.endsWith('.lightning.force.com')) {
    return `the API is not under lightning.force.com: write the My Domain URL, as https://${url.hostname.split('.')[0]}.my.salesforce.com`
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url))) {
    return 'write https: the client secret goes there'
  }
  if (url.username !== '' || url.password !== '') return 'write no user and password into the URL'
  return url.pathname === '/' && url.search === '' && url.hash === ''
    ? undefined
    : `write the origin alone: ${url.origin}`
}

const apiName = (what: string) =>
  z.string().regex(NAME, `${what} is letters, digits and _, and begins with a letter`)

const fieldName = () =>
  apiName('the API name of a field').refine((name) => !isReserved(name), {
    error: 'Id, type and attributes are not fields that can be written',
  })

const secretLine = (description: string) =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    // oxlint-disable-next-line no-control-regex -- not every validator of the JSON schema knows \p{Cc}
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must be one line')
    .meta({ description })

const externalId = z.strictObject({
  field: fieldName()
    .default('Registration_Id__c')
    .meta({ description: 'The API name of an External ID field of the object, better a unique one.' }),
  value: z
    .string()
    .min(1, 'is empty')
    .default('{{ user.tenant }}:{{ user.id }}')
    .meta({ description: 'What it holds: the same for the same user, for ever.', template: true }),
})

const fieldValue = z.union([z.string(), z.number(), z.boolean()])

const fieldMapping = z.strictObject({
  value: fieldValue.meta({
    description: 'What is written: a template, or a value as it is.',
    template: true,
  }),
  max_length: z.int().min(1).optional().meta({
    description:
      'Text is cut to so many characters. Default: 80 for LastName, 40 for FirstName, 255 for Company.',
  }),
  when_empty: z.enum(['keep', 'clear']).optional().meta({
    description:
      'keep (the default): an empty value is not sent, so that an update leaves the field as it is. clear: it is sent as null.',
  }),
})

/** How one field is filled. */
export type FieldMapping = z.output<typeof fieldMapping>

const optionsShape = z.strictObject({
  login_url: z
    .string()
    .trim()
    .check((ctx) => {
      const message = loginUrlProblem(ctx.value)
      if (message !== undefined) ctx.issues.push({ code: 'custom', input: ctx.value, message })
    })
    .meta({
      description: "The org's My Domain URL.",
      examples: ['https://acme.my.salesforce.com'],
    }),
  client_id: secretLine('The consumer key of an External Client App.'),
  client_secret: secretLine(
    'Its consumer secret: alone for the client credentials flow, or beside `refresh_token`.',
  )
    .meta({ writeOnly: true })
    .optional(),
  username: secretLine('For the JWT bearer flow: the user to act as, with `private_key_file`.').optional(),
  private_key_file: z
    .string()
    .min(1, 'is empty')
    .optional()
    .meta({
      description: 'The private key (RSA, PEM) of the certificate that the app knows; relative to the YAML.',
      examples: ['./salesforce.key'],
    }),
  private_key: z
    .string()
    .trim()
    .min(1, 'is empty')
    .optional()
    .meta({ description: 'The key itself, in place of its file.', writeOnly: true }),
  audience: z
    .url({ protocol: /^https$/, error: 'write an https address' })
    .optional()
    .meta({
      description:
        'Whom the assertion is for. Default: https://test.salesforce.com for a sandbox, else https://login.salesforce.com.',
      examples: ['https://test.salesforce.com'],
    }),
  refresh_token: secretLine('For the refresh token flow: a token that was granted once, in a browser.')
    .meta({ writeOnly: true })
    .optional(),
  api_version: z
    .string('write it in quotes, as "66.0"')
    .regex(/^(5[2-9]|[6-9]\d|[1-9]\d{2})\.0$/, 'write a version from "52.0" on, as "66.0"')
    .default('66.0')
    .meta({ description: 'The version of the REST API.' }),
  object: apiName('the API name of an object')
    .default('Lead')
    .meta({
      description: 'The API name of the object to write.',
      examples: ['Lead', 'Contact', 'Sign_Up__c'],
    }),
  operation: z.enum(['upsert', 'create']).default('upsert').meta({
    description: 'upsert: one record per external id, so that repeats do no harm. create: always a new one.',
  }),
  external_id: externalId.optional().meta({
    description: 'How a record is found again by upsert. Default: Registration_Id__c, tenant and user id.',
  }),
  fields: z
    .record(fieldName(), z.union([fieldValue, fieldMapping]))
    .refine((fields) => Object.keys(fields).length > 0, { error: 'map at least one field' })
    .optional()
    .meta({
      description:
        'Field API names and templates of their values, or value with max_length and when_empty; an empty value is not sent. Default for Lead: LastName, FirstName, Company, Email, Phone, LeadSource.',
      template: true,
      examples: [{ LastName: '{{ user.familyName | default: user.email }}', Company: '[not provided]' }],
    }),
  truncate: z.boolean().default(false).meta({
    description:
      'Whether text that is longer than its field is cut to what the org says; other values never are.',
  }),
  validate: z.enum(['strict', 'warn', 'off']).default('strict').meta({
    description:
      'Whether the mapping is compared with the org at the start, before the first record and when the org says that something is wrong. strict: a mapping with a mistake parks the connector. warn: it is logged. off: not compared.',
  }),
  on_duplicate: z.enum(['skip', 'reject', 'save']).default('skip').meta({
    description:
      'What a duplicate rule of the org leads to. skip: Salesforce has the person, so the delivery is skipped. reject: it is dead. save: it is saved all the same, where the rule only alerts.',
  }),
  on_converted: z.enum(['skip', 'reject']).default('skip').meta({
    description: 'What an upsert that finds a converted lead leads to; Salesforce never writes to one.',
  }),
  max_api_usage: z.number().gt(0).max(1).default(0.9).meta({
    description:
      "The share of the org's daily API calls, those of others included, at which it stops until some are free again.",
  }),
  auto_assign: z
    .boolean()
    .default(false)
    .meta({ description: 'Whether the assignment rules of the org run, on each update too.' }),
})

const EXTERNAL_ID = externalId.parse({})

/** A user who has only an e-mail makes a record that can be saved: LastName and Company are never empty. */
const LEAD_FIELDS = {
  LastName:
    '{{ user.familyName | strip | default: user.name | strip | default: user.email | strip | default: user.username | strip | default: user.id }}',
  FirstName: '{% if user.familyName or user.name == nil %}{{ user.givenName }}{% endif %}',
  Company: "{{ user.user_metadata.company | strip | default: '[not provided]' }}",
  Email: '{{ user.email }}',
  Phone: '{{ user.phone }}',
  LeadSource: 'Web',
}

type Shape = z.output<typeof optionsShape>

interface Found {
  readonly path: string[]
  readonly message: string
}

const credentialProblems = (shape: Shape): readonly Found[] => {
  const { client_secret, username, private_key, private_key_file, refresh_token, audience } = shape
  const found: Found[] = []
  const refuse = (name: string, message: string, isThere = true) => {
    if (isThere) found.push({ path: [name], message })
  }
  const keys = [private_key, private_key_file].filter((value) => value !== undefined).length
  if (username === undefined) {
    refuse('username', 'write the user that the key signs in', keys > 0)
    refuse('audience', 'leave it out: only the JWT bearer flow has one', audience !== undefined)
    const isNothing = client_secret === undefined && refresh_token === undefined && keys === 0
    refuse(
      'client_secret',
      'write it, or username and private_key_file, or refresh_token: one way to sign in',
      isNothing,
    )
    return found
  }
  refuse('private_key_file', 'write the file of the key that signs in the user', keys === 0)
  refuse('private_key', 'leave it out, or private_key_file', keys === 2)
  const other = 'leave it out: username and key are the way to sign in'
  refuse('client_secret', other, client_secret !== undefined)
  refuse('refresh_token', other, refresh_token !== undefined)
  return found
}

const problems = (shape: Shape): readonly Found[] => {
  const { operation, external_id, object, fields } = shape
  const found: Found[] = [...credentialProblems(shape)]
  if (operation === 'create' && external_id !== undefined) {
    found.push({
      path: ['external_id'],
      message:
        'create looks for no record: remove it, put its field under fields, or write operation: upsert',
    })
  }
  if (fields === undefined && object !== 'Lead') {
    found.push({ path: ['fields'], message: `map the fields of ${object}; only Lead has a default` })
  }
  const seen = new Map<string, string>()
  if (operation === 'upsert') seen.set((external_id ?? EXTERNAL_ID).field.toLowerCase(), 'external_id.field')
  for (const name of Object.keys(fields ?? {})) {
    const before = seen.get(name.toLowerCase())
    if (before !== undefined) {
      found.push({ path: ['fields', name], message: `the same field as ${before}: Salesforce ignores case` })
    }
    seen.set(name.toLowerCase(), name)
  }
  return found
}

/** The options under `with:`. */
export const optionsSchema = optionsShape.check((ctx) => {
  for (const { path, message } of problems(ctx.value)) {
    ctx.issues.push({ code: 'custom', input: ctx.value, path, message })
  }
})

// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm (2026-11)
const audienceOf = (loginUrl: string): string =>
  /(\.sandbox\.my\.|^test\.)salesforce\.com$/.test(new URL(loginUrl).hostname)
    ? 'https://test.salesforce.com'
    : 'https://login.salesforce.com'

/** The options, every default applied. */
export interface Options extends Omit<Shape, 'external_id' | 'fields'> {
  readonly audience: string
  /** Present for upsert, and only then. */
  readonly external_id: z.output<typeof externalId> | undefined
  readonly fields: Readonly<Record<string, FieldMapping>>
}

/** Salesforce refuses longer ones, and a sign-up is worth more than the tail of a name (Object Reference, Lead). */
const LENGTHS: { readonly [field: string]: number | undefined } = {
  lastname: 80,
  firstname: 40,
  company: 255,
}

const mappingOf = (name: string, given: FieldMapping | FieldMapping['value']): FieldMapping => {
  const mapping = typeof given === 'object' ? given : { value: given }
  const max_length = mapping.max_length ?? LENGTHS[name.toLowerCase()]
  return max_length === undefined ? mapping : { ...mapping, max_length }
}

/** Applies the defaults that depend on other options. */
export const complete = (options: Shape): Options => ({
  ...options,
  audience: options.audience ?? audienceOf(options.login_url),
  external_id: options.operation === 'upsert' ? (options.external_id ?? EXTERNAL_ID) : undefined,
  fields: Object.fromEntries(
    Object.entries(options.fields ?? LEAD_FIELDS).map(([name, given]) => [name, mappingOf(name, given)]),
  ),
})
