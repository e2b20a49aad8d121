import { OnSignupError } from './errors.ts'
import { nearest } from './nearest.ts'
import type { Clock } from './ports.ts'
import type { ConnectorRow, Forgotten, GateChange, Retried, RetrySelection, Store } from './store/port.ts'

/** What an operator can do to deliveries and connectors. */
export interface Operator {
  /** Puts deliveries back to open, due now. */
  retry(selection: RetrySelection): Promise<Retried>
  /** Closes a connector's gate until it is resumed, over restarts too; what runs goes on. Throws `connector_unknown`. */
  pause(connector: string): Promise<void>
  /** Opens a connector's gate, whether it was paused or parked. Throws `connector_unknown`. */
  resume(connector: string): Promise<void>
  /** Ends what waits of a connector that is configured no more; tells how many. */
  drop(connector: string): Promise<number>
  /** Takes a user out of the store; when it resolves, nothing of that user starts any more. */
  forget(user: string): Promise<Forgotten>
}

/** `is` says where it should be one of these names, as "is configured". */
export const connectorUnknown = (name: string, names: readonly string[], is: string): OnSignupError => {
  const meant = nearest(name, names)
  const known = names.length === 0 ? 'there is none' : `name one of ${names.join(', ')}`
  return new OnSignupError('connector_unknown', `no connector named ${name} ${is}`, {
    mend: meant === undefined ? known : `did you mean ${meant}?`,
  })
}

/** What a gate becomes that an operator opens. */
export const openedGate = (
  { parked }: Pick<ConnectorRow, 'parked'>,
  now: number,
): Omit<GateChange, 'connector'> => ({
  paused: null,
  ...(parked === null ? {} : { parked: null, released: now }),
})

/** Acts on an open store that no engine works on; the next one finds what came of it. */
export const operatorOf = (store: Store, { now }: Pick<Clock, 'now'>): Operator => {
  const currentRow = async (name: string): Promise<ConnectorRow> => {
    const rows = (await store.connectors()).filter(({ current }) => current)
    const row = rows.find((each) => each.name === name)
    if (row !== undefined) return row
    throw connectorUnknown(
      name,
      rows.map((each) => each.name),
      'was configured when the service last started',
    )
  }
  return {
    retry: (selection) => store.retry(selection, now()),
    async pause(name) {
      const { id: connector } = await currentRow(name)
      await store.changeGate({ connector, paused: now() })
    },
    async resume(name) {
      const row = await currentRow(name)
      await store.changeGate({ connector: row.id, ...openedGate(row, now()) })
    },
    drop: (name) => store.drop(name, now()),
    async forget(user) {
      const forgotten = await store.forget(user, now())
      await store.purge()
      return forgotten
    },
  }
}
