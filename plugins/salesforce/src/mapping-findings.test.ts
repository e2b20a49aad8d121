import { describe, expect, test } from 'vitest'
import { descriptionOf } from './description.ts'
import { mappingFindings } from './mapping-findings.ts'
import { describedField as field, LEAD, options } from './test-support.ts'

const EXTRA = [
  field('Title', { length: 128 }),
  field('Description', { type: 'textarea', length: 32_000 }),
  field('Birthdate', { type: 'date', length: 0 }),
  field('Registered_At__c', { type: 'datetime', length: 0, label: 'Registered At' }),
  field('Verified__c', { type: 'boolean', length: 0, nillable: false, defaultedOnCreate: true }),
  field('NumberOfEmployees', { type: 'int', length: 0 }),
  field('Score__c', { type: 'double', length: 0 }),
  field('AnnualRevenue', { type: 'currency', length: 0 }),
  field('ReportsToId', { type: 'reference', length: 18 }),
  field('Name', { createable: false, updateable: false, nillable: false }),
  field('Once__c', { updateable: false }),
  field('Plan__c', {
    type: 'picklist',
    restrictedPicklist: true,
    picklistValues: [
      { value: 'Free', active: true },
      { value: 'Pro', active: true },
      { value: 'Legacy', active: false },
    ],
  }),
  field('Rating', { type: 'picklist', picklistValues: [{ value: 'Hot', active: true }] }),
  field('Tags__c', {
    type: 'multipicklist',
    restrictedPicklist: true,
    picklistValues: [
      { value: 'a', active: true },
      { value: 'b', active: true },
    ],
  }),
]

const parsed = descriptionOf({ ...LEAD, fields: [...LEAD.fields, ...EXTRA] })

if (parsed === undefined) throw new Error('the description is not one')

const found = (mapping: object, given: object = {}) => {
  const fields = { LastName: 'x', Company: 'y', ...mapping }
  return mappingFindings(options({ fields, ...given }), parsed)
    .filter(({ state }) => state === 'failed')
    .map(({ what, mend }) => `${what} → ${mend}`)
}

describe('a mapping is told, before anything is sent,', () => {
  test.each([
    ['a field that is nearly one', { Titel: 'x' }, 'Lead has no field Titel', 'did you mean Title?'],
    ['a custom field without its __c', { Plan: 'Pro' }, 'no field Plan', 'did you mean Plan__c?'],
    [
      'the label of a field',
      { Registered_At: '' },
      'no field Registered_At',
      'did you mean Registered_At__c?',
    ],
    ['a field that is nothing like one', { Quux: 'x' }, 'no field Quux', 'correct the API name'],
    ['a field that nobody writes', { Name: 'x' }, 'Lead.Name may not be created and updated', 'remove it'],
    ['a field that is written once', { Once__c: 'x' }, 'Lead.Once__c may not be created and up', 'remove it'],
    ['a date in words', { Birthdate: 'yesterday' }, 'takes a date, as 2026-01-31: "yesterday"', 'that fits'],
    ['a date that is none', { Birthdate: '2026-13-45' }, '"2026-13-45" never fits', 'that fits'],
    ['a day for a time', { Registered_At__c: '2026-01-31' }, 'takes a time, as 2026-', 'that fits'],
    ['a number for a time', { Registered_At__c: 17 }, 'of type datetime', 'that fits'],
    ['a word for a number', { NumberOfEmployees: 'many' }, 'takes a whole number: "many"', 'that fits'],
    ['half a person', { NumberOfEmployees: 1.5 }, '1.5 never fits', 'that fits'],
    ['a flag for a number', { Score__c: true }, 'of type double', 'that fits'],
    ['a word for a flag', { Verified__c: 'yes' }, 'takes true or false: "yes"', 'that fits'],
    ['a number for a flag', { Verified__c: 1 }, 'takes true or false: 1', 'that fits'],
    ['a number for text', { Title: 7 }, 'Lead.Title is of type string', "write it in quotes: '7'"],
    ['no address', { Email: 'nobody' }, 'takes an e-mail address', 'that the field takes'],
    ['no id', { ReportsToId: 'the boss' }, 'takes the id of a record', 'that the field takes'],
    ['text that is too long', { Title: 'x'.repeat(129) }, 'holds 128 characters', 'that the field takes'],
    ['a value that is not picked', { Plan__c: 'Gold' }, 'without the value "Gold"', 'that the field takes'],
    ['a value that is picked no more', { Plan__c: 'Legacy' }, 'it has Free, Pro', 'that the field takes'],
    ['one of several values', { Tags__c: 'a; c' }, 'without the value "c"', 'that the field takes'],
    [
      'a template that is always a flag',
      { Title: '{{ user.emailVerified }}' },
      'the boolean {{ user.emailVerified }} never fits',
      "make it text: {{ user.emailVerified | append: '' }}",
    ],
    ['a template that is always text', { Verified__c: '{{ user.email }}' }, 'the text {{ user.email }}', ''],
    ['a template that is always a time', { Score__c: '{{ user.createdAt }}' }, 'the time {{ user.cr', ''],
    ['a flag for a date', { Birthdate: '{{ user.emailVerified }}' }, 'the boolean {{ user.emailV', ''],
    ['words around a number', { Score__c: 'about {{ user.user_metadata.n }}' }, 'never fits', ''],
    ['words around a date', { Birthdate: 'on {{ user.createdAt }}' }, 'never fits', ''],
    ['more words than fit', { Title: `${'x'.repeat(130)} {{ user.name }}` }, 'holds 128 characters', ''],
    [
      'a max_length above the field',
      { Title: { value: '{{ user.name }}', max_length: 200 } },
      'Lead.Title holds 128 characters, and its max_length is 200',
      'write max_length: 128',
    ],
    [
      'clearing what may not be empty',
      { Verified__c: { value: '{{ user.emailVerified }}', when_empty: 'clear' } },
      'Lead.Verified__c may not be empty',
      'remove when_empty',
    ],
  ])('%s', (_name, mapping, what, mend) => {
    const findings = found(mapping)
    expect(findings).toEqual([expect.stringContaining(what)])
    expect(findings[0]).toContain(mend)
  })

  test('all mistakes at once', () => {
    const mapping = { Titel: 'x', Name: 'x', Birthdate: 'x', Plan__c: 'x', Verified__c: 'x' }
    expect(found(mapping)).toHaveLength(5)
  })

  test('but not what may fit, or what is only known of each user', () => {
    const fits = {
      Birthdate: '{{ user.user_metadata.birthdate }}',
      Registered_At__c: '{{ user.createdAt }}',
      Verified__c: '{{ user.emailVerified }}',
      NumberOfEmployees: '{{ user.user_metadata.size }}',
      Score__c: '{{ user.username }}',
      AnnualRevenue: '{% if user.emailVerified %}1{% else %}2{% endif %}',
      Title: '{{ user.user_metadata.title | truncate: 20 }}',
      Description: '{{ user.user_metadata }}',
      Rating: 'Lukewarm',
      Plan__c: 'Pro',
      Tags__c: 'a;b',
      Email: '{{ user.email }}',
    }
    expect(found(fits)).toEqual([])
    expect(found({ Verified__c: false, Score__c: -1.5, Birthdate: '2026-01-31', Title: '' })).toEqual([])
  })

  test('text that is cut before it is sent', () => {
    const long = 'x'.repeat(300)
    expect(found({ LastName: long, Title: { value: long, max_length: 128 } })).toEqual([])
    expect(found({ Title: long, Phone: long }, { truncate: true })).toEqual([
      expect.stringContaining('Lead.Phone holds 40 characters'),
    ])
  })

  test('names in any case, as Salesforce takes them', () => {
    expect(found({ title: 'x', plan__C: 'Pro' })).toEqual([])
  })

  test('for create, a field that may only be created', () => {
    expect(found({ Once__c: 'x' }, { operation: 'create' })).toEqual([])
  })
})
