import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Schema } from './contract.ts'
import { OnSignupError } from './errors.ts'

/** Whose options they are. */
export interface OptionsOwner {
  /** As `connector crm (salesforce)`. */
  readonly owner: string
  /** The plugin or the provider that says what they may be. */
  readonly of: string
  /** The key that they stand under, as `with`. Default: none. */
  readonly under?: string
}

/** What a schema makes of options; throws `options_invalid` with every issue, each with its field. */
export const validOptions = async <Out>(
  schema: Schema<unknown, Out>,
  options: unknown,
  { owner, of, under }: OptionsOwner,
): Promise<Out> => {
  const result = await schema['~standard'].validate(options)
  if (result.issues === undefined) return result.value
  const described = result.issues.map(({ path = [], message }: StandardSchemaV1.Issue) => {
    const field = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    if (field === '') return message
    return `${under === undefined ? '' : `${under}.`}${field}: ${message}`
  })
  throw new OnSignupError('options_invalid', `${owner}: ${described.join('; ')}`, {
    mend: `see the options of ${of}`,
  })
}
