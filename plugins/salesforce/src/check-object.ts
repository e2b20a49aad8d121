import type { Finding } from '@onsignup/core'
import { z } from 'zod'
import type { Options } from './options.ts'

const describeAnswer = z.object({
  createable: z.boolean(),
  updateable: z.boolean(),
  fields: z.array(
    z.object({
      name: z.string(),
      createable: z.boolean(),
      updateable: z.boolean(),
      nillable: z.boolean(),
      defaultedOnCreate: z.boolean(),
      externalId: z.boolean().catch(false),
      unique: z.boolean().catch(false),
      caseSensitive: z.boolean().catch(false),
    }),
  ),
})

type Description = z.output<typeof describeAnswer>
type Field = Description['fields'][number]

export const proved = (what: string): Finding => ({ state: 'proved', what })
export const failed = (what: string, mend: string): Finding => ({ state: 'failed', what, mend })
export const unproved = (what: string, mend?: string): Finding => ({
  state: 'unproved',
  what,
  ...(mend === undefined ? {} : { mend }),
})

const findField = ({ fields }: Description, name: string): Field | undefined =>
  fields.find((field) => field.name.toLowerCase() === name.toLowerCase())

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

const fieldFindings = (options: Options, description: Description): readonly Finding[] => {
  const names = Object.keys(options.fields)
  const wrong = names.flatMap((name) => {
    const field = findField(description, name)
    if (field === undefined) {
      return failed(
        `${options.object} has no field ${name} that the run-as user sees`,
        'correct the API name under fields, or give the run-as user access to the field',
      )
    }
    return isWritable(field, options)
      ? []
      : failed(
          `${options.object}.${field.name} may not be ${writing(options)}`,
          'give the run-as user edit access to the field, or remove it from fields',
        )
  })
  return wrong.length > 0 ? wrong : [proved(`fields ${names.join(', ')} exist and may be written`)]
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
        failed(`${object}.${name} is required and not mapped`, `map ${name} under fields`),
      )
    : [proved(`every required field of ${object} is mapped`)]
}

const externalIdFindings = (
  { external_id, object }: Options,
  description: Description,
): readonly Finding[] => {
  if (external_id === undefined) return []
  const field = findField(description, external_id.field)
  const name = `${object}.${external_id.field}`
  if (field === undefined || !field.externalId) {
    return [
      failed(
        field === undefined
          ? `there is no field ${name} that the run-as user sees`
          : `${name} is no External ID field`,
        `make a text field ${external_id.field} on ${object}, marked External ID, Unique and case sensitive`,
      ),
    ]
  }
  if (!field.createable) {
    return [failed(`${name} may not be written`, 'give the run-as user edit access to the field')]
  }
  if (!field.unique) {
    return [unproved(`${name} is not unique, so that two records may share an id`, 'mark the field Unique')]
  }
  return field.caseSensitive
    ? [proved(`${name} is an External ID field, unique and case sensitive`)]
    : [
        proved(`${name} is an External ID field and unique`),
        unproved(
          `${name} ignores case, so that ids which differ only by case share a record`,
          "mark the field case sensitive, unless your provider's ids hold no capitals",
        ),
      ]
}

/** What the description of the object says about the options; `asked` names the question. */
export const objectFindings = (options: Options, answer: unknown, asked: string): readonly Finding[] => {
  const description = describeAnswer.safeParse(answer)
  if (!description.success) return [unproved(`${asked}: the answer is not one`)]
  return [
    objectFinding(options, description.data),
    ...fieldFindings(options, description.data),
    ...requiredFindings(options, description.data),
    ...externalIdFindings(options, description.data),
  ]
}
