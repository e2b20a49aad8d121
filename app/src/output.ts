import { Writable } from 'node:stream'
import { stripVTControlCharacters, styleText } from 'node:util'

/** Where a command writes; handed in, so that tests read it. */
export interface Output {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

type Style = Parameters<typeof styleText>[0]

/** Styled on a terminal that wants it, plain elsewhere (NO_COLOR and FORCE_COLOR count). */
export const styled = (stream: NodeJS.WritableStream, style: Style, text: string): string =>
  stream instanceof Writable ? styleText(style, text, { stream }) : text

export const print = ({ stdout }: Output, line = ''): void => {
  stdout.write(`${line}\n`)
}

const STATE_STYLES: Readonly<Record<string, Style>> = {
  delivered: 'green',
  proved: 'green',
  skipped: 'gray',
  dead: 'red',
  failed: 'red',
  unknown: 'yellow',
  unproved: 'yellow',
  parked: 'yellow',
  paused: 'yellow',
  throttled: 'yellow',
  open: 'green',
  orphaned: 'yellow',
}

/** A state's word in its colour, padded to a width. */
export const stateWord = ({ stdout }: Output, state: string, width = 0): string =>
  styled(stdout, STATE_STYLES[state] ?? 'cyan', state.padEnd(width))

/** Rows as aligned columns; the last is not padded. */
export const columns = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** A state, and what else its line says. */
export type StateRow = readonly [state: string, ...cells: string[]]

/** Prints aligned rows, each after its state's word. */
export const printStates = (
  output: Output,
  rows: readonly StateRow[],
  { width, indent = '' }: { readonly width: number; readonly indent?: string },
): void => {
  const aligned = columns(rows.map(([, ...cells]) => cells))
  for (const [index, [state]] of rows.entries()) {
    print(output, `${indent}${stateWord(output, state, width)}  ${aligned[index] ?? ''}`)
  }
}

/** The lines that a script printed, without what would command a terminal. */
export const printedLines = (output: string): readonly string[] => {
  const plain = stripVTControlCharacters(output)
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    .replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')
    .trimEnd()
  return plain === '' ? [] : plain.split('\n')
}

/** Exit codes of the program; docs/cli.md lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const

/** A command that ends with an exit code of its own and a message for people. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  readonly mend: string | undefined

  constructor(exitCode: number, message: string, mend?: string) {
    super(message)
    this.exitCode = exitCode
    this.mend = mend
  }
}
