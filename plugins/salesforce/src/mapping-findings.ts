import { nearest, type Finding } from '@onsignup/core'
import { findField, type Description, type Field } from './description.ts'
import { fixedTextProblem, isPlainText, kindProblem, literalProblem, takesText } from './fits.ts'
import type { FieldMapping, Options } from './options.ts'
import { fixedText, isTemplate, kindOfTemplate } from './source-kind.ts'

export const proved = (what: string): Finding => ({ state: 'proved', what })
export const failed = (what: string, mend: string): Finding => ({ state: 'failed', what, mend })
export const unproved = (what: string, mend?: string): Finding => ({
  state: 'unproved',
  what,
  ...(mend === undefined ? {} : { mend }),
})

const isWritable = (thing: { createable: boolean; updateable: boolean }, { operation }: Options): boolean =>
  thing.createable && (operation === 'create' || thing.updateable)

const writing = ({ operation }: Options): string =>
  operation === 'create' ? 'created' : 'created and updated'

const objectFinding = (options: Options, description: Description): Finding =>
  isWritable(description, options)
    ? proved(`${options.object} exists and may be ${writing(options)}`)
    : failed(
        `${options.object} may not be ${writing(options)} by the run-as user`,
        "give the run-as user's permission set create and edit on the object",
      )

/** What the operator probably meant: the custom field of that name, its label, or a name that is near. */
const meantBy = ({ fields }: Description, name: string): string | undefined => {
  const lower = name.toLowerCase()
  const same = fields.find(
    (field) =>
      field.name.toLowerCase() === `${lower}__c` ||
      field.label.replaceAll(/\W/g, '').toLowerCase() === lower.replaceAll('_', ''),
  )
  return (
    same?.name ??
    nearest(
      name,
      fields.map((field) => field.name),
    )
  )
}

const unknownField = ({ object }: Options, description: Description, name: string): Finding => {
  const meant = meantBy(description, name)
  const access = 'or give the run-as user access to the field'
  return failed(
    `${object} has no field ${name} that the run-as user sees`,
    meant === undefined
      ? `correct the API name under fields, ${access}`
      : `did you mean ${meant}? Correct the name under fields, ${access}`,
  )
}

const sourceProblem = (
  { truncate }: Options,
  field: Field,
  { value, max_length = Infinity }: FieldMapping,
): string | undefined => {
  if (typeof value !== 'string') return literalProblem(field, value)
  // What is cut before it is sent is not too long.
  const room = Math.min(max_length, truncate && isPlainText(field) ? field.length : Infinity)
  if (!isTemplate(value)) return literalProblem(field, value.slice(0, room))
  const kind = kindOfTemplate(value)
  if (kind !== undefined) return kindProblem(field, kind, value)
  const fixed = fixedText(value)?.slice(0, room)
  return fixed === undefined ? undefined : fixedTextProblem(field, fixed, value)
}

const valueMend = (field: Field, { value }: FieldMapping): string => {
  if (!takesText(field)) return `write a value that fits, or remove ${field.name} from fields`
  if (typeof value !== 'string') return `write it in quotes: '${value}'`
  return isTemplate(value) && kindOfTemplate(value) !== undefined
    ? `make it text: ${value.trim().replace(/\s*-?\}\}$/, ` | append: '' }}`)}`
    : 'write a value that the field takes'
}

const valueFindings = (options: Options, field: Field, mapping: FieldMapping): readonly Finding[] => {
  const name = `${options.object}.${field.name}`
  const found: Finding[] = []
  const problem = sourceProblem(options, field, mapping)
  if (problem !== undefined) found.push(failed(`${name} ${problem}`, valueMend(field, mapping)))
  const { max_length } = mapping
  if (max_length !== undefined && field.length > 0 && max_length > field.length) {
    const what = `${name} holds ${field.length} characters, and its max_length is ${max_length}`
    found.push(failed(what, `write max_length: ${field.length}`))
  }
  if (mapping.when_empty === 'clear' && !field.nillable) {
    found.push(failed(`${name} may not be empty, and when_empty is clear`, 'remove when_empty'))
  }
  return found
}

const fieldFindings = (options: Options, description: Description): readonly Finding[] => {
  const names = Object.keys(options.fields)
  const wrong = Object.entries(options.fields).flatMap(([name, mapping]) => {
    const field = findField(description, name)
    if (field === undefined) return unknownField(options, description, name)
    if (!isWritable(field, options)) {
      return failed(
        `${options.object}.${field.name} may not be ${writing(options)}`,
        'give the run-as user edit access to the field, or remove it from fields',
      )
    }
    return valueFindings(options, field, mapping)
  })
  return wrong.length > 0
    ? wrong
    : [proved(`fields ${names.join(', ')} exist, may be written, and take what is mapped to them`)]
}

const requiredFindings = (options: Options, description: Description): readonly Finding[] => {
  const { external_id, fields, object } = options
  const mapped = new Set([...Object.keys(fields), external_id?.field ?? ''].map((name) => name.toLowerCase()))
  const missing = description.fields.filter(
    ({ name, createable, nillable, defaultedOnCreate }) =>
      createable && !nillable && !defaultedOnCreate && !mapped.has(name.toLowerCase()),
  )
  return missing.length > 0
    ? missing.map(({ name }) =>
        failed(
          `${object}.${name} is required and not mapped`,
          `map ${name} under fields; if a flow of the org fills it, write validate: warn`,
        ),
      )
    : [proved(`every required field of ${object} is mapped`)]
}

/** What fits the default value for most: a tenant, a connection's prefix and an id. */
const ROOM_FOR_IDS = 64

const externalIdFindings = (
  { external_id, object }: Options,
  description: Description,
): readonly Finding[] => {
  if (external_id === undefined) return []
  const field = findField(description, external_id.field)
  const name = `${object}.${external_id.field}`
  if (field === undefined || !field.externalId) {
    const make = `make a text field ${external_id.field} on ${object}, marked External ID, Unique and case sensitive`
    return [
      field === undefined
        ? failed(`there is no field ${name} that the run-as user sees`, make)
        : failed(`${name} is no External ID field`, make),
    ]
  }
  if (!field.createable) {
    return [failed(`${name} may not be written`, 'give the run-as user edit access to the field')]
  }
  if (!field.unique) {
    return [
      failed(`${name} is not unique, so that two records may share an id`, 'mark the field Unique in Setup'),
    ]
  }
  const room: readonly Finding[] =
    field.length > 0 && field.length < ROOM_FOR_IDS && takesText(field)
      ? [unproved(`${name} holds ${field.length} characters: a longer id is refused`, 'make it longer')]
      : []
  return field.caseSensitive
    ? [proved(`${name} is an External ID field, unique and case sensitive`), ...room]
    : [
        proved(`${name} is an External ID field and unique`),
        ...room,
        unproved(
          `${name} ignores case, so that ids which differ only by case share a record`,
          "mark the field case sensitive, unless your provider's ids hold no capitals",
        ),
      ]
}

/** What the description of the object says about the options: a line for each thing proved, and for each mistake. */
export const mappingFindings = (options: Options, description: Description): readonly Finding[] => [
  objectFinding(options, description),
  ...fieldFindings(options, description),
  ...requiredFindings(options, description),
  ...externalIdFindings(options, description),
]
