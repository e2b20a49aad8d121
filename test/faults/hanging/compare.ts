import { quantile } from '../quantile.ts'
import { startOne } from './one.ts'

const USERS = 100
const EVERY = 10

/**
 * Measures one connector's latency beside one that hangs with so many waiting, and beside one that answers, in turns, so
 * that whatever else the machine does falls on both.
 */
export const compareHanging = async (
  waiting: number,
  rounds: number,
  say: (line: string) => void = () => {},
): Promise<string> => {
  await using answering = await startOne('answers', waiting)
  say(`${waiting} are delivered where both answer`)
  await using hanging = await startOne('hangs', waiting)
  say(`${hanging.waiting()} wait where one hangs`)
  const took: Record<'answering' | 'hanging', number[]> = { answering: [], hanging: [] }
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first alternates too.
    const turns = [
      async () => took.answering.push(...(await answering.measure(USERS, EVERY))),
      async () => took.hanging.push(...(await hanging.measure(USERS, EVERY))),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const row = (name: string, values: readonly number[]) =>
    `| ${name} | ${quantile(values, 0.5).toFixed(1)} | ${quantile(values, 0.99).toFixed(1)} |`
  const ratio = quantile(took.hanging, 0.99) / quantile(took.answering, 0.99)
  return [
    `${USERS * rounds} events each, ${rounds} turns, one every ${EVERY} ms; ${hanging.waiting()} waiting at the end`,
    '',
    '| from the POST to the far side, ms | p50 | p99 |',
    '| --- | --- | --- |',
    row('the other connector answers', took.answering),
    row('the other connector hangs', took.hanging),
    '',
    `p99 with / without: ${ratio.toFixed(2)}`,
  ].join('\n')
}
