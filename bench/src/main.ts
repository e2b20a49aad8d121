import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { probeDisk } from './disk-probe.ts'
import { readLatest, writeLatest } from './latest.ts'
import { describeMachine, diskFolder, findVersions } from './machine.ts'
import { PAGE, withResults } from './page.ts'
import { isPart, PARTS, planOf, type PartName } from './plan.ts'
import { installProgram } from './program.ts'
import { render } from './render/render.ts'
import type { Part, Results, Row } from './results.ts'
import { removePrepared, runCell, stopAll } from './run.ts'

const QUICK = { repeats: 1, scale: 10 }
const FULL = { repeats: 5, scale: 1 }
const PROBE = 2_000

const HELP = `Measures the engine beside an append log and other queues.

  --only ${PARTS.join(',')}    parts to measure; the others stay as they are in bench/results/latest.json
  --repeats 5     how often everything is measured, in turn
  --minutes 14    begin nothing new after this
  --quick         a tenth of the work, once, to see that it works; writes nothing
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    repeats: { type: 'string' },
    minutes: { type: 'string', default: '14' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const partsOf = (only: string | undefined): readonly PartName[] => {
  const names = only?.split(',') ?? [...PARTS]
  const unknown = names.filter((name) => !isPart(name))
  if (unknown.length > 0) throw new Error(`--only ${unknown.join()}: the parts are ${PARTS.join(', ')}`)
  return names.filter(isPart)
}

const measure = async (): Promise<Results['parts']> => {
  await using installed = await mkdtempDisposable(join(diskFolder(), 'onsignup-bench-program-'))
  const program = await installProgram(installed.path)
  const { scale, repeats: usual } = values.quick ? QUICK : FULL
  const parts = partsOf(values.only)
  const repeats = Number(values.repeats ?? usual)
  const end = performance.now() + Number(values.minutes) * 60_000
  const [load = 0] = loadavg()
  const versions = await findVersions()
  const before = probeDisk(diskFolder(), PROBE)
  const rows: Record<string, Row[]> = Object.fromEntries(parts.map((part) => [part, []]))
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    console.log(`\nrepeat ${repeat} of ${repeats}`)
    for (const cell of planOf(parts, scale)) {
      if (performance.now() < end) await runCell(cell, rows[cell.part] ?? [], program)
      else console.log(`${cell.part}: left out, the ${values.minutes} minutes are over`)
    }
  }
  const common = {
    at: new Date().toISOString(),
    quick: values.quick,
    repeats,
    machine: describeMachine(),
    versions,
    load,
    disk: { before, after: probeDisk(diskFolder(), PROBE) },
  } satisfies Omit<Part, 'rows'>
  return Object.fromEntries(Object.entries(rows).map(([part, own]) => [part, { ...common, rows: own }]))
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopAll()
    void removePrepared().then(() => process.exit(1))
  })
}

if (values.help) {
  console.log(HELP)
} else {
  const measured = await measure().finally(removePrepared)
  if (values.quick) {
    console.log(`\n${render({ parts: measured })}`)
  } else {
    const { parts } = await readLatest()
    const results = { parts: { ...parts, ...measured } }
    await writeLatest(results)
    await writeFile(PAGE, withResults(await readFile(PAGE, 'utf8'), render(results)))
    console.log(`\n${render(results)}\nwritten to bench/results/latest.json and docs/performance.md`)
  }
}
