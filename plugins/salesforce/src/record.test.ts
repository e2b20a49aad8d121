import { describe, expect, test } from 'vitest'
import { sampleEvent, testServices } from '@onsignup/core/testing'
import { createMapping, previewOf, requestFor } from './record.ts'
import { options, UPSERT } from './test-support.ts'

const { templates } = testServices()

const record = (event: Parameters<typeof sampleEvent>[0], given: object = {}) =>
  createMapping(options(given), templates)(sampleEvent(event)).record

const nobody = { name: null, givenName: null, familyName: null, phone: null, username: null }

describe('the record of an event', () => {
  test('is a Lead that looks right without any mapping', () => {
    expect(record({})).toEqual({
      attributes: { type: 'Lead' },
      Registration_Id__c: 'my-tenant:auth0|5f7c8ec7c33c6c004bbafe82',
      LastName: 'Lovelace',
      FirstName: 'Ada',
      Company: '[not provided]',
      Email: 'user1@foo.com',
      Phone: '1-000-000-0000',
      LeadSource: 'Web',
    })
  })

  test('has the two required fields of a Lead for a user who has only an e-mail', () => {
    expect(record({ user: nobody })).toMatchObject({ LastName: 'user1@foo.com', Company: '[not provided]' })
  })

  test('does not say the given name twice when only the full name is known', () => {
    const named = record({ user: { familyName: null } })
    expect(named).toMatchObject({ LastName: 'Ada Lovelace' })
    expect(named).not.toHaveProperty('FirstName')
  })

  test('takes a name of blanks for none', () => {
    expect(record({ user: { ...nobody, familyName: '  ', name: '\t' } })).toHaveProperty(
      'LastName',
      'user1@foo.com',
    )
  })

  test('leaves out what is null or empty, since a null would clear the field', () => {
    expect(Object.keys(record({ user: { ...nobody, email: null } }))).toEqual([
      'attributes',
      'Registration_Id__c',
      'LastName',
      'Company',
      'LeadSource',
    ])
  })

  test('keeps the types of values', () => {
    const fields = {
      Verified__c: '{{ user.emailVerified }}',
      Age__c: '{{ user.user_metadata.age }}',
      Score__c: 7,
      Optin__c: false,
      Hobbies__c: '{{ user.user_metadata.hobbies }}',
    }
    const user_metadata = { age: 36, hobbies: ['chess', 'surfing'] }
    expect(record({ user: { user_metadata } }, { fields })).toMatchObject({
      Verified__c: true,
      Age__c: 36,
      Score__c: 7,
      Optin__c: false,
      Hobbies__c: 'chess;surfing',
    })
  })

  test('never holds an object of a user, which Salesforce would read as another record', () => {
    const user_metadata = { company: { attributes: { type: 'User' }, Id: '005' } }
    const fields = { Account: '{{ user.user_metadata.company }}' }
    expect(record({ user: { user_metadata } }, { fields })['Account']).toBe(
      '{"attributes":{"type":"User"},"Id":"005"}',
    )
  })

  test('has no control characters and no overrides of the writing direction', () => {
    const name = '\u202Egnp.exe\u0000\u0007\r\nBcc: <evil@example.com>\u2066'
    const fields = { LastName: '{{ user.name }}', Description: '{{ user.name }}' }
    expect(record({ user: { name } }, { fields })).toMatchObject({
      LastName: 'gnp.exe Bcc: <evil@example.com>',
      Description: 'gnp.exe\nBcc: <evil@example.com>',
    })
  })

  test('cuts a name to what a Lead takes, between characters', () => {
    const cut = record({ user: { familyName: `x${'😀'.repeat(2_600)}`, givenName: 'y'.repeat(41) } })
    expect(cut['LastName']).toBe(`x${'😀'.repeat(39)}`)
    expect(cut['FirstName']).toBe('y'.repeat(40))
  })

  test('cuts what has a max_length, between characters, and keeps its lines', () => {
    const fields = {
      Description: { value: '{{ user.name }}', max_length: 5 },
      LastName: { value: '{{ user.name }}', max_length: 5 },
      Score__c: { value: '{{ user.user_metadata.score }}', max_length: 2 },
    }
    const cut = record({ user: { name: 'a\nb😀😀', user_metadata: { score: 12_345 } } }, { fields })
    expect(cut).toMatchObject({ Description: 'a\nb😀', LastName: 'a b😀', Score__c: 12_345 })
  })

  test('clears a field that comes out empty, where the mapping says so', () => {
    const fields = {
      LastName: 'x',
      Phone: { value: '{{ user.phone }}', when_empty: 'clear' },
      Email: { value: '{{ user.email }}', when_empty: 'keep' },
      Title: { value: '{{ user.user_metadata.title }}', when_empty: 'clear' },
    }
    const user_metadata = { title: ' ' }
    const cleared = record({ user: { phone: null, email: null, user_metadata } }, { fields })
    expect(cleared).toMatchObject({ Phone: null, Title: null })
    expect(cleared).not.toHaveProperty('Email')
  })

  test('has dates and times as ISO', () => {
    const fields = {
      Registered_At__c: '{{ user.createdAt }}',
      Day__c: "{{ user.createdAt | date: '%Y-%m-%d' }}",
    }
    expect(record({}, { fields })).toMatchObject({
      Registered_At__c: '2026-01-02T03:04:05.000Z',
      Day__c: '2026-01-02',
    })
  })

  test('is refused when the external id comes out empty', () => {
    const external_id = { value: '{{ user.user_metadata.crm }}' }
    expect(() => record({}, { external_id })).toThrow(
      'external_id.value {{ user.user_metadata.crm }} came out empty',
    )
  })
})

describe('the request', () => {
  test('carries the external id in the body, never in the path', () => {
    const mapping = createMapping(options(), templates)
    const event = sampleEvent({ user: { id: '../../Account/001' } })
    const { path, body } = requestFor(options(), [mapping(event).record])
    expect(path).toBe(UPSERT)
    expect(JSON.parse(body ?? '')).toMatchObject({
      records: [{ Registration_Id__c: 'my-tenant:../../Account/001' }],
    })
  })

  test.each([
    [false, 'FALSE'],
    [true, 'TRUE'],
  ])('says auto_assign %s in the header', (auto_assign, header) => {
    expect(requestFor(options({ auto_assign }), []).headers).toHaveProperty('sforce-auto-assign', header)
  })

  test('asks to save what a duplicate rule alerts about only where on_duplicate says so', () => {
    expect(requestFor(options(), []).headers).not.toHaveProperty('sforce-duplicate-rule-header')
    expect(requestFor(options({ on_duplicate: 'save' }), []).headers).toHaveProperty(
      'sforce-duplicate-rule-header',
      'allowSave=true',
    )
  })

  test('is previewed with its body as it would be sent', () => {
    const mapping = createMapping(options(), templates)
    const preview = previewOf(options(), mapping, sampleEvent())
    expect(preview.title).toBe(`PATCH ${UPSERT}`)
    expect(preview.body).toBe(requestFor(options(), [mapping(sampleEvent()).record]).body)
  })
})
