/** A Markdown table; the first column is text, the others are numbers unless said otherwise. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers = true }: { readonly numbers?: boolean } = {},
): string => {
  const rule = head.map((_, column) => (numbers && column > 0 ? '--:' : '---'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** A number with three figures that count, and thousands apart; a dash for none. */
export const figure = (value: number | null): string => {
  if (value === null) return '–'
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) >= 1_000 ? rounded.toLocaleString('en-US') : String(rounded)
}
