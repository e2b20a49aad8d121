import { describe, expect, test } from 'vitest'
import { complete, optionsSchema } from './options.ts'
import { CREDENTIALS } from './test-support.ts'

const problems = (given: object): string[] => {
  const result = optionsSchema.safeParse({ ...CREDENTIALS, ...given })
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('the options of salesforce', () => {
  test('need the credentials alone', () => {
    expect(complete(optionsSchema.parse(CREDENTIALS))).toMatchObject({
      api_version: '66.0',
      object: 'Lead',
      operation: 'upsert',
      external_id: { field: 'Registration_Id__c', value: '{{ user.tenant }}:{{ user.id }}' },
      fields: {
        Company: { value: expect.stringContaining('[not provided]'), max_length: 255 },
        LeadSource: { value: 'Web' },
      },
      truncate: false,
      validate: 'strict',
      on_duplicate: 'skip',
      on_converted: 'skip',
      auto_assign: false,
    })
  })

  test.each([
    ['http://acme.my.salesforce.com', 'https'],
    ['https://acme.lightning.force.com', 'https://acme.my.salesforce.com'],
    ['acme.my.salesforce.com', 'write the My Domain URL'],
    ['https://acme.my.salesforce.com/services', 'write the origin alone'],
    ['https://me:word@acme.my.salesforce.com', 'no user and password'],
    ['http://127.0.0.1.evil.com', 'https'],
    ['ftp://127.0.0.1', 'https'],
  ])('refuse the login_url %s', (login_url, message) => {
    expect(problems({ login_url })).toEqual([expect.stringMatching(`^login_url: .*${message}`)])
  })

  test.each([
    'https://acme.my.salesforce.com/',
    'http://127.0.0.1:8080',
    'http://localhost',
    'http://[::1]:1',
  ])('take the login_url %s', (login_url) => {
    expect(problems({ login_url })).toEqual([])
  })

  const JWT = { client_secret: undefined, username: 'crm@acme.com', private_key_file: './sf.key' }

  test.each([
    ['client credentials', {}],
    ['a key in a file', JWT],
    ['a key itself', { ...JWT, private_key_file: undefined, private_key: 'PEM' }],
    ['a refresh token', { client_secret: undefined, refresh_token: 'r' }],
    ['a refresh token with a secret', { refresh_token: 'r' }],
  ])('take %s to sign in', (_what, given) => {
    expect(problems(given)).toEqual([])
  })

  test.each([
    ['https://acme.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme--dev.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    ['https://sandbox.my.salesforce.com', 'https://login.salesforce.com'],
  ])('sign in at %s for the audience %s', (login_url, audience) => {
    expect(complete(optionsSchema.parse({ ...CREDENTIALS, login_url })).audience).toBe(audience)
  })

  test.each([
    [
      { client_secret: undefined },
      'client_secret: write it, or username and private_key_file, or refresh_token',
    ],
    [{ ...JWT, private_key_file: undefined }, 'private_key_file: write the file of the key'],
    [{ ...JWT, username: undefined }, 'username: write the user that the key signs in'],
    [{ ...JWT, private_key: 'PEM' }, 'private_key: leave it out, or private_key_file'],
    [{ ...JWT, client_secret: 's' }, 'client_secret: leave it out'],
    [{ ...JWT, refresh_token: 'r' }, 'refresh_token: leave it out'],
    [{ audience: 'https://login.salesforce.com' }, 'audience: leave it out'],
    [{ ...JWT, audience: 'http://login.salesforce.com' }, 'audience: write an https address'],
    [{ api_version: '51.0' }, 'api_version: write a version from "52.0" on'],
    [{ api_version: 66 }, 'api_version: write it in quotes'],
    [{ object: '../Account' }, 'object: the API name of an object'],
    [{ fields: { 'a-b': 'x' } }, 'fields.a-b'],
    [{ fields: { ID: 'x' } }, 'fields.ID'],
    [{ fields: { attributes: 'x' } }, 'fields.attributes'],
    [{ fields: { Type: 'x' } }, 'fields.Type'],
    [{ fields: JSON.parse('{"__proto__": "x"}') }, 'fields: map at least one field'],
    [{ fields: { 'Account.Name': 'x' } }, 'fields.Account.Name'],
    [{ fields: { '{{ user.name }}': 'x' } }, 'fields.{{ user.name }}'],
    [{ fields: { Title: { value: 'x', max_length: 0 } } }, 'fields.Title'],
    [{ fields: { Title: { value: 'x', max_lenght: 5 } } }, 'fields.Title'],
    [{ validate: 'loose' }, 'validate'],
    [{ auto_assign: 'yes' }, 'auto_assign'],
    [{ fields: {} }, 'fields: map at least one field'],
    [{ object: 'Contact' }, 'fields: map the fields of Contact'],
    [{ fields: { Email: 'x', EMAIL: 'y' } }, 'fields.EMAIL: the same field as Email'],
    [
      { fields: { registration_id__c: 'x' } },
      'fields.registration_id__c: the same field as external_id.field',
    ],
    [{ external_id: { field: 'Id' } }, 'external_id.field'],
    [{ operation: 'create', external_id: {} }, 'external_id: create looks for no record'],
    [{ client_secret: 'two\nlines' }, 'client_secret: must be one line'],
    [{ client_secret: '  ' }, 'client_secret: is empty'],
    [{ colour: 'red' }, 'colour'],
  ])('refuse %j', (given, message) => {
    expect(problems(given).join('\n')).toContain(message)
  })

  test('mark secrets and templates in their JSON Schema', () => {
    const schema = optionsSchema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })
    expect(schema).toMatchObject({
      type: 'object',
      required: ['login_url', 'client_id'],
      additionalProperties: false,
      properties: {
        client_secret: { writeOnly: true },
        fields: { template: true },
        external_id: { properties: { value: { template: true } } },
      },
    })
    for (const option of Object.values(schema['properties'] ?? {})) {
      expect(option).toHaveProperty('description')
    }
  })
})
