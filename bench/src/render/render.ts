import { findRow, medianOf, valuesOf, type Part, type Results, type Row } from '../results.ts'
import { judge, TARGETS, type Target } from '../targets.ts'
import { ABOUT } from './about.ts'
import { figure, table } from './table.ts'

const titleOf = (engine: string): string => ABOUT[engine]?.title ?? engine

const rowsOf = (part: Part | undefined, name?: string): readonly Row[] =>
  (part?.rows ?? []).filter((row) => name === undefined || row.name === name)

const ratio = (over: number | null, under: number | null): number | null =>
  over === null || under === null ? null : over / under

const spread = (row: Row, metric: string): string => {
  const values = valuesOf(row, metric)
  if (values.length === 0) return row.absent === null ? 'not measured' : 'not present on this machine'
  return `${figure(medianOf(row, metric))} (${figure(Math.min(...values))}–${figure(Math.max(...values))})`
}

const boundOf = ({ bound, unit = '' }: Target): string =>
  'atLeast' in bound ? `≥ ${bound.atLeast} ${unit}`.trim() : `≤ ${bound.atMost} ${unit}`.trim()

const targets = (results: Results): string =>
  table(
    ['target', 'bound', 'median', 'repeats', ''],
    TARGETS.map((target) => {
      const verdict = judge(results, target)
      if (verdict === null) return [target.what, boundOf(target), '–', '–', 'not measured']
      const { measured, least, most, pass } = verdict
      return [
        target.what,
        boundOf(target),
        figure(measured),
        `${figure(least)}–${figure(most)}`,
        pass ? 'pass' : '**miss**',
      ]
    }),
  )

const wholeJobs = (part: Part | undefined): string => {
  const rows = rowsOf(part)
  const rateOf = (engine: string) =>
    medianOf(
      rows.find((row) => row.engine === engine),
      'perSecond',
    )
  const [log, ours] = ['log', 'onsignup'].map(rateOf)
  return table(
    ['engine', '÷ log', 'onsignup ÷ it', 'events/s', 'CPU µs/event, Node + server', 'events'],
    rows.map((row) => {
      const rate = medianOf(row, 'perSecond')
      return [
        titleOf(row.engine),
        figure(ratio(rate, log ?? null)),
        figure(ratio(ours ?? null, rate)),
        spread(row, 'perSecond'),
        `${figure(medianOf(row, 'nodeCpu'))} + ${figure(medianOf(row, 'serverCpu'))}`,
        figure(row.events),
      ]
    }),
  )
}

const about = (part: Part | undefined): string =>
  table(
    ['engine', 'settings', 'on disk before it is answered', 'what it does not do'],
    rowsOf(part).map(({ engine }) => {
      const { title = engine, settings = '', durable = '', lacks = '' } = ABOUT[engine] ?? {}
      return [title, settings, durable, lacks]
    }),
    { numbers: false },
  )

const accepting = (part: Part | undefined): string =>
  table(
    ['accept', 'callers', '÷ log', 'events/s', 'p50 ms', 'p99 ms', 'CPU µs/event'],
    rowsOf(part).map((row) => {
      const log = rowsOf(part, row.name).find(({ engine }) => engine === 'log')
      return [
        titleOf(row.engine),
        String(row.callers),
        figure(ratio(medianOf(row, 'perSecond'), medianOf(log, 'perSecond'))),
        spread(row, 'perSecond'),
        ...['p50', 'p99', 'nodeCpu'].map((metric) => figure(medianOf(row, metric))),
      ]
    }),
  )

const latencies = (part: Part | undefined): string => {
  const log = rowsOf(part).find(({ engine }) => engine === 'log')
  return table(
    ['accept to handler start', 'p50 ÷ log', 'p50 ms', 'p99 ms'],
    rowsOf(part).map((row) => [
      titleOf(row.engine),
      figure(ratio(medianOf(row, 'p50'), medianOf(log, 'p50'))),
      spread(row, 'p50'),
      spread(row, 'p99'),
    ]),
  )
}

const backlogs = (results: Results): string =>
  table(
    ['deliveries due', 'claim and settle, ÷ 10 k', 'claim and settle /s', 'whole engine /s', 'its peak MB'],
    [10_000, 100_000, 1_000_000].map((due) => {
      const rowOf = (name: string, size: number) => findRow(results, `${name}, due ${size}`, 'onsignup')
      const claim = rowOf('claim and settle', due)
      const engine = rowOf('engine', due)
      return [
        figure(due),
        figure(ratio(medianOf(claim, 'perSecond'), medianOf(rowOf('claim and settle', 10_000), 'perSecond'))),
        claim === undefined ? '–' : spread(claim, 'perSecond'),
        engine === undefined ? '–' : spread(engine, 'perSecond'),
        figure(medianOf(engine, 'peak')),
      ]
    }),
  )

const requests = (part: Part | undefined): string => {
  const rate = (engine: string) =>
    medianOf(
      rowsOf(part).find((row) => row.engine === engine),
      'perSecond',
    )
  const [bare, empty] = ['node:http, nothing stored', 'onsignup, nothing stored'].map(rate)
  return table(
    [
      'server',
      '÷ node:http',
      '÷ onsignup, nothing stored',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU µs/event',
      'peak MB',
    ],
    rowsOf(part).map((row) => [
      row.engine,
      figure(ratio(medianOf(row, 'perSecond'), bare ?? null)),
      figure(ratio(medianOf(row, 'perSecond'), empty ?? null)),
      spread(row, 'perSecond'),
      ...['p50', 'p99', 'serverCpu', 'peak'].map((metric) => figure(medianOf(row, metric))),
    ]),
  )
}

const startUps = (part: Part | undefined): string =>
  table(
    ['connectors', 'ready, s', 'idle, MB'],
    rowsOf(part).map((row) => [row.engine, spread(row, 'ready'), spread(row, 'idle')]),
  )

const machines = ({ parts }: Results): string => {
  const runs = Map.groupBy(Object.entries(parts), ([, { at }]) => at)
  return table(
    ['parts', 'when', 'repeats', 'machine', 'load before', 'disk: synced 4 KB writes/s, before and after'],
    [...runs].flatMap(([at, run]) => {
      const [first] = run
      if (first === undefined) return []
      const { repeats, machine, load, disk, quick } = first[1]
      return [
        [
          run.map(([name]) => name).join(', '),
          `${at.slice(0, 16).replace('T', ' ')} UTC`,
          `${repeats}${quick ? ', a tenth of the work' : ''}`,
          `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}`,
          figure(load),
          [disk.before, disk.after]
            .map(({ p10, p50, p90 }) => `${figure(p50)} (${figure(p10)}–${figure(p90)})`)
            .join(', '),
        ],
      ]
    }),
    { numbers: false },
  )
}

const versions = ({ parts }: Results): string => {
  const all = new Map(Object.values(parts).flatMap((part) => Object.entries(part.versions)))
  return [...all].map((pair) => pair.join(' ')).join(', ')
}

/** The results as the Markdown that docs/performance.md shows; medians, with the least and the most of the repeats. */
export const render = (results: Results): string => {
  const { accept, whole, latency, http } = results.parts
  return [
    '### Targets',
    targets(results),
    '### The whole job',
    wholeJobs(whole),
    about(whole),
    '### Accepting alone',
    accepting(accept),
    '### From accept to handler, idle',
    latencies(latency),
    '### With a backlog',
    backlogs(results),
    '### Over HTTP',
    requests(http),
    '### Start-up and idle memory',
    startUps(results.parts['start-up']),
    '### Where and when',
    machines(results),
    `Versions: ${versions(results)}.`,
  ].join('\n\n')
}
