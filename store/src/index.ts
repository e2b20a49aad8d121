export { backupStore } from './backup.ts'
export { createSqliteStore, type SqliteStoreOptions } from './sqlite.ts'
