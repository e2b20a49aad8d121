export { backupStore } from './backup.ts'
export { createSqliteStore, type SqliteStoreOptions } from './sqlite.ts'
export { readSqliteStore, type StoreReader } from './reader.ts'
