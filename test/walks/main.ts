import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS } from './mutations.ts'
import { walk } from './walk.ts'

const HELP = `Random walks over the real engine and store; the same seed walks the same way.

  --walks 200     how many, at most until one breaks a promise
  --seed 1        the first one's seed
  --mutations     take out one rule at a time, and tell which promise that breaks
`

const { values } = parseArgs({
  options: {
    walks: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    mutations: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const walkAll = async (first: number, count: number): Promise<void> => {
  const total = { walks: 0, steps: 0, crashes: 0, deliveries: 0, sends: 0 }
  const began = performance.now()
  for (let seed = first; seed < first + count; seed += 1) {
    const { broken, trace, steps, crashes, deliveries, sends } = await walk(seed)
    total.walks += 1
    total.steps += steps
    total.crashes += crashes
    total.deliveries += deliveries
    total.sends += sends
    if (broken === null) continue
    console.log(`seed ${seed} broke ${broken}\n  ${trace.join('\n  ')}`)
    process.exitCode = 1
    break
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  console.log(`${seconds} s: ${JSON.stringify(total)}`)
}

/** What the walks of a process say that has one rule taken out. */
const without = (mutation: number): Promise<string> =>
  new Promise((resolve) => {
    const args = ['--import', join(import.meta.dirname, 'mutate.ts'), import.meta.filename]
    const env = { ...process.env, MUTATION: String(mutation) }
    execFile(
      process.execPath,
      [...args, '--seed', values.seed, '--walks', values.walks],
      { env },
      (error, stdout, stderr) => resolve(error === null || stdout !== '' ? stdout : stderr),
    )
  })

const tellMutations = async (): Promise<void> => {
  console.log('| without the rule | breaks | walks until then |\n| --- | --- | --: |')
  for (const [index, { rule }] of MUTATIONS.entries()) {
    const said = await without(index)
    const broken = /^seed \d+ broke (.*)$/m.exec(said)?.[1]
    const walks = /"walks":(\d+)/.exec(said)?.[1]
    if (broken === undefined) process.exitCode = 1
    console.log(
      `| ${rule} | ${broken ?? (walks === undefined ? said.trim() : '**nothing**')} | ${walks ?? ''} |`,
    )
  }
}

if (values.help) console.log(HELP)
else if (values.mutations) await tellMutations()
else await walkAll(Number(values.seed), Number(values.walks))
