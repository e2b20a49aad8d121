import type { JsonObject } from './json.ts'

export interface SalesforceField {
  readonly name: string
  readonly label: string
  readonly type:
    | 'id'
    | 'string'
    | 'email'
    | 'phone'
    | 'url'
    | 'textarea'
    | 'picklist'
    | 'boolean'
    | 'int'
    | 'double'
    | 'currency'
    | 'date'
    | 'datetime'
    | 'reference'
  readonly length: number
  readonly nillable: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly defaultedOnCreate: boolean
  readonly externalId: boolean
  readonly unique: boolean
  readonly caseSensitive: boolean
  readonly idLookup: boolean
  readonly restrictedPicklist: boolean
  readonly picklistValues: readonly string[]
}

export interface SalesforceObject {
  readonly name: string
  readonly labelPlural: string
  /** The first three characters of its records' ids. */
  readonly keyPrefix: string
  readonly fields: readonly SalesforceField[]
}

type Traits = Partial<Omit<SalesforceField, 'name' | 'type'>>

/** A field with the flags that a field of its type has unless told otherwise. */
export function salesforceField(
  name: string,
  type: SalesforceField['type'],
  traits: Traits = {},
): SalesforceField {
  const boolean = type === 'boolean'
  return {
    name,
    type,
    label: name
      .replace(/__c$/, '')
      .replaceAll('_', ' ')
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' '),
    length: LENGTHS[type] ?? 0,
    nillable: !boolean,
    createable: true,
    updateable: true,
    defaultedOnCreate: boolean,
    externalId: false,
    unique: false,
    caseSensitive: false,
    idLookup: false,
    restrictedPicklist: false,
    picklistValues: [],
    ...traits,
  }
}

/** The describe answer: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm */
export function describeObject(object: SalesforceObject, base: string): JsonObject {
  return {
    ...describeBriefly(object, base),
    childRelationships: [],
    recordTypeInfos: [],
    supportedScopes: [],
    fields: object.fields.map((field) => ({
      ...field,
      byteLength: field.length * 3,
      custom: field.name.endsWith('__c'),
      calculated: false,
      autoNumber: false,
      defaultValue: field.type === 'boolean' ? false : null,
      nameField: field.name === 'Name',
      referenceTo: field.name === 'OwnerId' ? ['User'] : [],
      soapType: field.type === 'id' ? 'tns:ID' : `xsd:${field.type === 'boolean' ? 'boolean' : 'string'}`,
      picklistValues: field.picklistValues.map((value, index) => ({
        active: true,
        defaultValue: field.defaultedOnCreate && index === 0,
        label: value,
        validFor: null,
        value,
      })),
    })),
  }
}

/** One entry of the object list. */
export function describeBriefly(object: SalesforceObject, base: string): JsonObject {
  const path = `${base}/sobjects/${object.name}`
  return {
    name: object.name,
    label: object.name,
    labelPlural: object.labelPlural,
    keyPrefix: object.keyPrefix,
    custom: object.name.endsWith('__c'),
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    urls: { sobject: path, describe: `${path}/describe`, rowTemplate: `${path}/{ID}` },
  }
}

const LENGTHS: Partial<Record<SalesforceField['type'], number>> = {
  id: 18,
  reference: 18,
  string: 255,
  picklist: 255,
  url: 255,
  email: 80,
  phone: 40,
  textarea: 32_000,
}
