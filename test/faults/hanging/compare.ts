import { quantile } from '../quantile.ts'
import { seeded } from '../kills/random.ts'
import { startOne } from './one.ts'

const USERS = 100
const EVERY = 10
const DRAWS = 200

/** What was measured in one round, in milliseconds. */
export interface Round {
  readonly alone: readonly number[]
  readonly hanging: readonly number[]
}

const p99 = (rounds: readonly Round[], of: keyof Round): number =>
  quantile(
    rounds.flatMap((round) => round[of]),
    0.99,
  )

const p99Ratio = (rounds: readonly Round[]): number => p99(rounds, 'hanging') / p99(rounds, 'alone')

/**
 * The p99 beside one that hangs, divided by the p99 alone, and between what it lies in 95 of 100
 * draws of as many rounds from these: rounds, since what slows one registration slows those beside it.
 */
export const ratioOf = (
  rounds: readonly Round[],
  random = seeded(1),
): { readonly ratio: number; readonly from: number; readonly to: number } => {
  const draw = () => rounds.flatMap((_, __, all) => all[Math.floor(random() * all.length)] ?? [])
  const ratios = Array.from({ length: DRAWS }, () => p99Ratio(draw()))
  return { ratio: p99Ratio(rounds), from: quantile(ratios, 0.025), to: quantile(ratios, 0.975) }
}

/**
 * Measures one connector's latency beside one that hangs with so many waiting, and alone, in turns, so that whatever else
 * the machine does falls on both.
 */
export const compareHanging = async (
  waiting: number,
  rounds: number,
  say: (line: string) => void = () => {},
): Promise<string> => {
  await using alone = await startOne('none', waiting)
  say(`${waiting} are delivered where it is alone`)
  await using hanging = await startOne('one that hangs', waiting)
  say(`${hanging.waiting()} wait where one hangs`)
  const took: Round[] = []
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first alternates too.
    const isFirst = round % 2 === 0
    const early = isFirst ? await alone.measure(USERS, EVERY) : []
    const hung = await hanging.measure(USERS, EVERY)
    took.push({ alone: isFirst ? early : await alone.measure(USERS, EVERY), hanging: hung })
  }
  const row = (name: string, of: keyof Round) => {
    const values = took.flatMap((round) => round[of])
    return `| ${name} | ${quantile(values, 0.5).toFixed(1)} | ${quantile(values, 0.99).toFixed(1)} |`
  }
  const { ratio, from, to } = ratioOf(took)
  return [
    `${USERS * rounds} events each, ${rounds} turns, one every ${EVERY} ms; ${hanging.waiting()} waiting at the end`,
    '',
    '| from the POST to the far side, ms | p50 | p99 |',
    '| --- | --- | --- |',
    row('alone', 'alone'),
    row('beside one that hangs', 'hanging'),
    '',
    `p99 with / without: ${ratio.toFixed(2)}, in 95 of 100 draws of the rounds ${from.toFixed(2)} to ${to.toFixed(2)}`,
  ].join('\n')
}
