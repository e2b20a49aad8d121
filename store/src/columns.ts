import type { Row } from './connection.ts'

const wrong = (row: Row, column: string): never => {
  throw new Error(`the column ${column} holds a ${row[column] === null ? 'null' : typeof row[column]}`)
}

export const integerOrNull = (row: Row, column: string): number | null => {
  const value = row[column]
  return value === null || typeof value === 'number' ? value : wrong(row, column)
}

export const integer = (row: Row, column: string): number => integerOrNull(row, column) ?? wrong(row, column)

export const textOrNull = (row: Row, column: string): string | null => {
  const value = row[column]
  return value === null || typeof value === 'string' ? value : wrong(row, column)
}

export const text = (row: Row, column: string): string => textOrNull(row, column) ?? wrong(row, column)

/** A text column that holds one of these words. */
export const word = <W extends string>(row: Row, column: string, words: readonly W[]): W => {
  const value = row[column]
  return words.find((candidate) => candidate === value) ?? wrong(row, column)
}
