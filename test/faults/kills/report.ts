import { quantile } from '../quantile.ts'
import type { KillReport } from './outcome.ts'

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

const spread = (values: readonly number[]): string =>
  `p50 ${Math.round(quantile(values, 0.5))} ms, max ${Math.round(Math.max(0, ...values))} ms`

/** Nothing lost, nothing wrong, and no more repeats than the kills explain. */
export const isAsPromised = ({
  lost,
  problems,
  repeats,
  inFlight,
  signal,
  held,
  exitCodes,
  kills,
  cut,
}: KillReport) =>
  lost === 0 &&
  problems.length === 0 &&
  sum(repeats) <= inFlight &&
  (signal === 'SIGKILL' || (inFlight + held + cut === 0 && exitCodes['0'] === kills))

/** The report as a Markdown table. */
export const describeKills = (report: KillReport): string => {
  const late = report.settled.filter(({ took, allowed }) => took > allowed)
  const rows = [
    [`${report.signal} under load`, `${report.kills} (seed ${report.seed}, ${report.callers} callers)`],
    ['exit codes', listed(report.exitCodes)],
    ['answers', listed(report.answers)],
    ['accepted events', `${report.accepted} (${report.events} stored, ${report.deliveries} deliveries)`],
    ['lost', `${report.lost}`],
    ['states', listed(report.states)],
    ['in flight at the kills', `${report.inFlight} (${report.held} held, begun or not)`],
    ['repeats', `${sum(report.repeats)} (${listed(report.repeats)})`],
    ['attempts without an answer', `${report.cut}`],
    ['start until ready', spread(report.starts)],
    [
      'ready until settled',
      `${spread(report.settled.map(({ took }) => took))}, of ${report.settled.length} measured`,
    ],
    [
      'longer than 1 s and the far sides’ time',
      `${late.length}, of which ${late.filter(({ alone }) => alone > 0).length} had deliveries to run alone`,
    ],
    ['problems', `${report.problems.length}`],
  ]
  return [
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    ...report.problems.map((problem) => `- ${problem}`),
  ].join('\n')
}
