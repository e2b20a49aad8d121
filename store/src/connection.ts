import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

/** How long a write waits for another program that holds the file, as an operator's sqlite3. */
const BUSY_TIMEOUT = 500

/** A database connection that keeps its prepared statements. Every method throws what SQLite throws. */
export interface Connection {
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[]
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined
  /** Tells how many rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number
  /** The rowid of the row that it inserted. */
  insert(sql: string, ...values: readonly SQLInputValue[]): number
  /** Runs statements that are not kept. */
  exec(sql: string): void
  pragma(name: string): SQLOutputValue | undefined
  hasTables(): boolean
  /** False too after an error at which SQLite has rolled everything back by itself. */
  readonly inTransaction: boolean
  /** Commits the work, or rolls all of it back and throws what it threw. */
  transact<T>(work: () => T): T
  close(): void
}

export const connect = (
  path: string | URL,
  { readOnly = false, timeout = BUSY_TIMEOUT } = {},
): Connection => {
  const database = new DatabaseSync(path, { readOnly, timeout })
  const kept = new Map<string, StatementSync>()
  const prepared = (sql: string): StatementSync => {
    const known = kept.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    kept.set(sql, statement)
    return statement
  }
  return {
    all: (sql, ...values) => prepared(sql).all(...values),
    get: (sql, ...values) => prepared(sql).get(...values),
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    insert: (sql, ...values) => Number(prepared(sql).run(...values).lastInsertRowid),
    exec: (sql) => database.exec(sql),
    pragma: (name) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0],
    hasTables: () => database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined,
    get inTransaction() {
      return database.isTransaction
    },
    transact(work) {
      prepared('BEGIN IMMEDIATE').run()
      try {
        const result = work()
        prepared('COMMIT').run()
        return result
      } catch (error) {
        if (database.isTransaction) prepared('ROLLBACK').run()
        throw error
      }
    },
    close: () => database.close(),
  }
}
