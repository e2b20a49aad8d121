import { isFields, textOf, type Fields } from './document.ts'
import type { Binding, Entries, Entry } from './entries.ts'
import { RefusalError } from './errors.ts'
import { BINDINGS, blocksOf } from './terraform-values.ts'

interface Resource {
  readonly type: string
  readonly address: string
  readonly attributes: Fields
}

const isManaged = (resource: Fields): boolean => textOf(resource.get('mode')) === 'managed'

/** Of a module as `terraform show -json` has it, and of those within (https://developer.hashicorp.com/terraform/internals/json-format, 2026-11). */
const shownIn = (module: Fields): readonly Resource[] => [
  ...blocksOf(module.get('resources'))
    .filter(isManaged)
    .flatMap((resource) =>
      blocksOf(resource.get('values')).map((attributes) => ({
        type: textOf(resource.get('type')) ?? '',
        address: textOf(resource.get('address')) ?? '',
        attributes,
      })),
    ),
  ...blocksOf(module.get('child_modules')).flatMap(shownIn),
]

/** Of a `terraform.tfstate` of version 4, whose instances have their place in the address. */
const keptIn = (state: Fields): readonly Resource[] =>
  blocksOf(state.get('resources'))
    .filter(isManaged)
    .flatMap((resource) => {
      const type = textOf(resource.get('type')) ?? ''
      const module = textOf(resource.get('module'))
      const address = [module, type, textOf(resource.get('name'))]
        .filter((part) => part !== undefined)
        .join('.')
      return blocksOf(resource.get('instances')).flatMap((instance) => {
        const index = instance.get('index_key')
        const place = index === undefined ? '' : `[${JSON.stringify(index)}]`
        return blocksOf(instance.get('attributes')).map((attributes) => ({
          type,
          address: `${address}${place}`,
          attributes,
        }))
      })
    })

const resourcesOf = (state: Fields): readonly Resource[] => {
  const values = state.get('values')
  return isFields(values) ? blocksOf(values.get('root_module')).flatMap(shownIn) : keptIn(state)
}

/** A resource in the words of the Management API. */
const entryOf = ({ type, address, attributes }: Resource, file: string): Entry => {
  const where = `${file} ${address}`
  const [what, attribute] =
    type === 'auth0_hook' ? (['hook', 'script'] as const) : (['action', 'code'] as const)
  const renamed = [
    ['triggerId', attributes.get('trigger_id')],
    ['deployed', attributes.get('deploy')],
  ] as const
  return {
    what,
    value: new Map([...attributes, ...renamed]),
    where,
    key: textOf(attributes.get('id')) ?? address,
    remarks: [],
    async script(written) {
      if (written !== undefined && written !== '') return written
      throw new RefusalError(where, `it has no ${attribute}`, 'show the state again, with the resource in it')
    },
  }
}

const bindingOf = ({ address, attributes }: Resource, file: string): Binding => ({
  trigger: textOf(attributes.get('trigger')) ?? '',
  where: `${file} ${address}`,
  actions: [
    ...blocksOf(attributes.get('actions')).map((each) => each.get('id')),
    attributes.get('action_id'),
  ].flatMap((id) => textOf(id) ?? []),
  isPartial: false,
})

/**
 * Reads the hooks, Actions and bindings of a state of Terraform's, in which every script is as it was applied. Anything
 * else is undefined.
 */
export const readState = (value: unknown, file: string): Entries | undefined => {
  if (!isFields(value) || !value.has('terraform_version')) return undefined
  const resources = resourcesOf(value)
  const scripts = resources.filter(({ type }) => type === 'auth0_hook' || type === 'auth0_action')
  const bindings = resources.filter(({ type }) => BINDINGS.includes(type))
  if (scripts.length === 0) return undefined
  return {
    format: 'Terraform state',
    entries: scripts.map((resource) => entryOf(resource, file)),
    bindings: bindings.length === 0 ? undefined : bindings.map((resource) => bindingOf(resource, file)),
  }
}
