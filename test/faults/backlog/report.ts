import { quantile } from '../quantile.ts'
import type { BacklogReport, Latencies } from './run.ts'

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const both = (values: Latencies): string =>
  `p50 ${ms(quantile(values, 0.5))}, p99 ${ms(quantile(values, 0.99))}`

/** A Markdown table. */
export const describeBacklog = (report: BacklogReport): string =>
  [
    `| ${report.waiting.toLocaleString('en')} deliveries of one connector wait | |`,
    '| --- | --- |',
    `| start until it listens | ${report.starts.map(ms).join('; after the kill ')} |`,
    `| the newest 50 of them listed in | ${ms(report.listed)} |`,
    `| from the POST to the far side of another connector, while they wait | ${both(report.besideWaiting)} |`,
    `| the same, while they are delivered | ${both(report.besideDraining)} |`,
    `| they are delivered at | ${report.drained.toFixed(0)}/s |`,
    `| wait after a kill | ${report.afterKill.toLocaleString('en')} |`,
    `| sent more than once | ${report.repeats} |`,
    `| most memory of the process | ${report.peak.toFixed(0)} MB |`,
  ].join('\n')
