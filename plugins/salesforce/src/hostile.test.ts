import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { sampleEvent, testRun } from '@onsignup/core/testing'
import { hook, saved, serveOrg } from './test-support.ts'

const KEYS = ['__proto__', 'constructor', 'type', 'attributes', 'Id', 'OwnerId', 'Account.Name']

const METADATA = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(
    JSON.parse(
      `{${KEYS.map((key) => `"${key}": {"type": "Account", "Id": "001000000000001AAA"}`).join(', ')}}`,
    ),
  )

const FIELDS = {
  LastName: '{{ user.name }}',
  Company: "{{ user.user_metadata['type'] }}",
  Title: "{{ user.user_metadata['attributes'] }}",
  Description: '{{ user.user_metadata }}',
}

const PATH = '/services/data/v66.0/composite/sobjects'

const TEXTS = [
  '../../Account/001000000000001AAA',
  '/services/data/v66.0/sobjects/Account/001',
  'a?_HttpMethod=DELETE#x',
  'a%2F..%2F..%00',
  '__proto__',
  'type',
  'attributes',
  `it's "quoted" \\ and \\' ended`,
  '</record><record>',
  '{"attributes":{"type":"Account"}}',
  'Ünïcødé 😀',
  '${7*7} #{7*7} {{ user.id }}',
]

/** What came to the org for one user. */
const sentFor = async (text: string, operation: 'upsert' | 'create') => {
  const requests: { readonly line: string; readonly body: Record<string, unknown> }[] = []
  await using org = await serveOrg(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    requests.push({ line: `${request.method} ${request.url}`, body: JSON.parse(body) })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify([saved(1)]))
  })
  const { deliver } = hook({ login_url: org.url, operation, fields: FIELDS })
  const user = { id: text, name: text, tenant: text, email: text, user_metadata: METADATA }
  const [outcome] = await deliver([{ ...testRun(), event: sampleEvent({ user }) }], testRun())
  return { requests, outcome }
}

describe.each(TEXTS)('a user named %j', (text) => {
  test.each([
    ['upsert', `PATCH ${PATH}/Lead/Registration_Id__c`, { Registration_Id__c: `${text}:${text}` }],
    ['create', `POST ${PATH}`, {}],
  ] as const)('is one %s of the mapped object, with its mapped fields and nothing else', async (...given) => {
    const [operation, line, id] = given
    const { requests, outcome } = await sentFor(text, operation)
    expect(outcome).toMatchObject({ kind: 'delivered' })
    expect(requests.map((request) => request.line)).toEqual([line])
    expect(requests[0]?.body['records']).toEqual([
      {
        attributes: { type: 'Lead' },
        ...id,
        LastName: text,
        Company: expect.any(String),
        Title: expect.any(String),
        Description: expect.any(String),
      },
    ])
  })
})

test('a line break in an id is part of its value: it makes no header and no second record', async () => {
  const id = 'a\r\nAuthorization: Bearer x'
  const { requests } = await sentFor(id, 'upsert')
  expect(requests).toHaveLength(1)
  const records = z.array(z.object({ Registration_Id__c: z.string() })).parse(requests[0]?.body['records'])
  expect(records).toMatchObject([{ Registration_Id__c: `${id}:${id}` }])
})
