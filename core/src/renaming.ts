import { OnSignupError } from './errors.ts'
import { NAME } from './name.ts'
import { connectorUnknown } from './operator.ts'
import type { ConnectorRow, Store } from './store/port.ts'

/** Which connector of a store is to have which name. */
export interface Renaming {
  readonly from: string
  readonly to: string
  /** What it is a use of; needed only where the store has several of the name. */
  readonly uses?: string
}

type Row = ConnectorRow & { readonly current: boolean }

const rowOf = (rows: readonly Row[], { from, uses }: Renaming): Row => {
  const named = rows.filter(({ name }) => name === from)
  const meant = uses === undefined ? named : named.filter((row) => row.uses === uses)
  const [row, another] = meant
  if (another !== undefined) {
    const all = meant.map((each) => each.uses).join(', ')
    throw new OnSignupError('connector_ambiguous', `${from} is several connectors in the store: ${all}`, {
      mend: 'say which with --uses',
    })
  }
  if (row !== undefined) return row
  if (named.length > 0) {
    throw new OnSignupError('connector_unknown', `${from} is no use of ${uses} in the store`, {
      mend: `write ${named.map((each) => each.uses).join(' or ')}`,
    })
  }
  const names = [...new Set(rows.map(({ name }) => name))]
  throw connectorUnknown(from, names, 'is in the store')
}

const taken = (message: string, mend: string): OnSignupError =>
  new OnSignupError('connector_taken', message, { mend })

/**
 * Gives a connector of an open store, on which no engine works, another name. Throws `connector_unknown`,
 * `connector_ambiguous`, `connector_taken` and `connector_invalid`.
 */
export const renameConnector = async (store: Store, renaming: Renaming): Promise<ConnectorRow> => {
  const { from, to } = renaming
  const rows = await store.connectors()
  const row = rowOf(rows, renaming)
  if (!NAME.test(to)) {
    throw new OnSignupError('connector_invalid', `${to} is no name of a connector`, {
      mend: 'a name is a small letter, then at most 62 small letters, digits, - and _',
    })
  }
  const other = rows.find(({ name, uses, current }) => name === to && uses !== row.uses && current)
  if (other !== undefined) {
    throw taken(
      `${to} is configured as a use of ${other.uses}, and ${from} is one of ${row.uses}`,
      'choose a name that is free',
    )
  }
  const renamed = await store.rename(row.id, to)
  if (renamed.kind === 'renamed') return { ...row, name: to }
  const { deliveries, open } = renamed
  throw taken(
    `${to} has ${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'} of its own, ${open} of them open`,
    `${open > 0 ? 'let those that are open end, then ' : ''}put it aside, onsignup rename ${to} ${to}-before, and run this again`,
  )
}
