import type { Delivery } from '../client.ts'
import { columns, EXIT, print, printedLines, stateWord, type Output } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'

export interface DeliveryOptions extends ServiceOptions {
  readonly json: boolean
}

type Attempt = Delivery['attempts'][number]

const sentCell = ({ sent, another_body }: Attempt): string => {
  if (sent === undefined) return ''
  return another_body ? `sent ${sent}, another body` : `sent ${sent}`
}

/** Shows one delivery with its whole history. */
export const delivery = async (id: string, options: DeliveryOptions, output: Output): Promise<number> => {
  await using client = await clientOf(options, output)
  const shown = await client.delivery(id)
  if (options.json) {
    print(output, JSON.stringify(shown))
    return EXIT.ok
  }
  const { state, connector, user, event, next_attempt_at, reason, attempts } = shown
  print(output, `${stateWord(output, state)}  ${shown.id}  ${connector}  ${user.email ?? user.id}`)
  print(output, `event ${event}`)
  if (reason !== null) print(output, reason)
  if (next_attempt_at !== null) print(output, `due ${next_attempt_at}`)
  const isTold = attempts.some(({ sent }) => sent !== undefined)
  const rows = columns(
    attempts.map((attempt) => [
      attempt.at ?? '',
      `${attempt.ms} ms`,
      attempt.outcome,
      ...(isTold ? [sentCell(attempt)] : []),
      [attempt.code, attempt.detail].filter((part) => part !== null).join(': '),
    ]),
  )
  for (const [index, row] of rows.entries()) {
    print(output, `  ${row}`)
    const printed = attempts[index]?.output
    if (printed !== undefined) for (const line of printedLines(printed)) print(output, `    | ${line}`)
  }
  return EXIT.ok
}
