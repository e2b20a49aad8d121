import { salesforceField as field } from './salesforce-schema.ts'
import type { SalesforceField, SalesforceObject } from './salesforce-schema.ts'

const READ_ONLY = { createable: false, updateable: false, nillable: false, defaultedOnCreate: true }
const RATINGS = ['Hot', 'Warm', 'Cold']
const SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']
const SALUTATIONS = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.']

const SYSTEM: readonly SalesforceField[] = [
  field('Id', 'id', { ...READ_ONLY, idLookup: true }),
  field('IsDeleted', 'boolean', READ_ONLY),
  field('CreatedDate', 'datetime', READ_ONLY),
  field('LastModifiedDate', 'datetime', READ_ONLY),
  field('SystemModstamp', 'datetime', READ_ONLY),
  field('OwnerId', 'reference', { nillable: false, defaultedOnCreate: true }),
]

const REGISTRATION = field('Registration_Id__c', 'string', {
  label: 'Registration Id',
  externalId: true,
  unique: true,
  caseSensitive: true,
  idLookup: true,
})

const PERSON: readonly SalesforceField[] = [
  field('LastName', 'string', { length: 80, nillable: false }),
  field('FirstName', 'string', { length: 40 }),
  field('Salutation', 'picklist', { length: 40, picklistValues: SALUTATIONS }),
  field('Name', 'string', { ...READ_ONLY, label: 'Full Name', length: 121, defaultedOnCreate: false }),
  field('Title', 'string', { length: 128 }),
  field('Email', 'email', { idLookup: true }),
  field('Phone', 'phone'),
  field('MobilePhone', 'phone'),
  field('Description', 'textarea'),
  field('LeadSource', 'picklist', { picklistValues: SOURCES }),
  field('HasOptedOutOfEmail', 'boolean'),
]

/**
 * The objects of a new org, with the custom fields a registration needs. Lengths and required fields:
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
 */
export const OBJECTS: readonly SalesforceObject[] = [
  {
    name: 'Lead',
    labelPlural: 'Leads',
    keyPrefix: '00Q',
    fields: [
      ...SYSTEM,
      ...PERSON,
      field('Company', 'string', { nillable: false }),
      field('Status', 'picklist', {
        label: 'Lead Status',
        nillable: false,
        defaultedOnCreate: true,
        picklistValues: ['Open - Not Contacted', 'Working - Contacted', 'Closed - Not Converted'],
      }),
      field('Rating', 'picklist', { picklistValues: RATINGS }),
      field('Industry', 'picklist', { picklistValues: ['Banking', 'Education', 'Technology', 'Other'] }),
      field('Website', 'url'),
      field('Street', 'textarea', { length: 255 }),
      field('City', 'string', { length: 40 }),
      field('State', 'string', { length: 80 }),
      field('PostalCode', 'string', { length: 20 }),
      field('Country', 'string', { length: 80 }),
      field('NumberOfEmployees', 'int', { label: 'Employees' }),
      field('AnnualRevenue', 'currency'),
      field('IsConverted', 'boolean', { ...READ_ONLY, createable: true, label: 'Converted' }),
      REGISTRATION,
      field('Verified__c', 'boolean'),
      field('Registered_At__c', 'datetime'),
      field('Plan__c', 'picklist', {
        restrictedPicklist: true,
        picklistValues: ['Free', 'Pro', 'Enterprise'],
      }),
    ],
  },
  {
    name: 'Contact',
    labelPlural: 'Contacts',
    keyPrefix: '003',
    fields: [
      ...SYSTEM,
      ...PERSON,
      field('AccountId', 'reference', { label: 'Account ID' }),
      field('Department', 'string', { length: 80 }),
      field('MailingCity', 'string', { length: 40 }),
      field('MailingCountry', 'string', { length: 80 }),
      field('Birthdate', 'date'),
      REGISTRATION,
      field('Verified__c', 'boolean'),
    ],
  },
  {
    name: 'Account',
    labelPlural: 'Accounts',
    keyPrefix: '001',
    fields: [
      ...SYSTEM,
      field('Name', 'string', { label: 'Account Name', nillable: false }),
      field('Type', 'picklist', { label: 'Account Type', picklistValues: ['Prospect', 'Customer', 'Other'] }),
      field('Phone', 'phone', { label: 'Account Phone' }),
      field('Website', 'url'),
      field('Industry', 'picklist', { picklistValues: ['Banking', 'Education', 'Technology', 'Other'] }),
      field('NumberOfEmployees', 'int', { label: 'Employees' }),
      field('Description', 'textarea'),
      REGISTRATION,
    ],
  },
]
