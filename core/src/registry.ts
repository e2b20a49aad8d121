import type { ConfiguredConnector } from './connector.ts'
import { OnSignupError } from './errors.ts'
import type { ConnectorRow, Store } from './store/port.ts'

/** A configured connector with its row in the store. */
export interface RegisteredConnector {
  readonly configured: ConfiguredConnector
  readonly row: ConnectorRow
}

/** The configured connectors, each with the row that its deliveries refer to. */
export class ConnectorRegistry {
  readonly #configured: readonly ConfiguredConnector[]
  readonly #store: Store
  #registered: readonly RegisteredConnector[] = []

  /** Throws `connector_duplicate`. */
  constructor(configured: readonly ConfiguredConnector[], store: Store) {
    for (const [index, { name }] of configured.entries()) {
      if (configured.findIndex((other) => other.name === name) < index) {
        throw new OnSignupError('connector_duplicate', `two connectors are named ${name}`, {
          mend: 'give one of them another name',
        })
      }
    }
    this.#configured = configured
    this.#store = store
  }

  /** Makes the store's connectors those of the configuration. The store is open. */
  async open(): Promise<void> {
    const rows = await this.#store.register(this.#configured.map(({ name, uses }) => ({ name, uses })))
    this.#registered = this.#configured.flatMap((configured, index) => {
      const row = rows[index]
      return row === undefined ? [] : [{ configured: { ...configured, keyName: row.keyName }, row }]
    })
  }

  /** Those of the configuration, whether or not the store is open. */
  get configured(): readonly ConfiguredConnector[] {
    return this.#configured
  }

  all(): readonly RegisteredConnector[] {
    return this.#registered
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#configured.map(async ({ connector }) => connector.close?.()))
  }
}
