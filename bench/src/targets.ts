import { findRow, medianOf, valuesOf, type Results } from './results.ts'

/** A number of one row. */
type Value = readonly [name: string, engine: string, metric: string]

export interface Target {
  readonly what: string
  readonly value: Value
  /** Divides the value. Default: nothing does. */
  readonly by?: Value
  readonly unit?: string
  readonly bound: { readonly atLeast: number } | { readonly atMost: number }
}

export interface Verdict {
  readonly measured: number
  /** Over the repeats, each compared with its own. */
  readonly least: number
  readonly most: number
  readonly pass: boolean
}

const ACCEPT = 'accept, callers 64'
const WHOLE = 'whole job'
const START = 'accept to handler'
const wholeJob = (engine: string): Value => [WHOLE, engine, 'perSecond']
const startUp = (engine: string, metric: string): Value => ['start-up', engine, metric]
const MANY = 'Slack, Salesforce and e-mail'
const CLAIM = 'claim and settle, due'

/** What the engine is to reach; each a ratio inside one run wherever it can be one. */
export const TARGETS: readonly Target[] = [
  {
    what: 'accept, 64 callers ÷ append log',
    value: [ACCEPT, 'onsignup', 'perSecond'],
    by: [ACCEPT, 'log', 'perSecond'],
    bound: { atLeast: 0.35 },
  },
  {
    what: 'whole job ÷ append log',
    value: wholeJob('onsignup'),
    by: wholeJob('log'),
    bound: { atLeast: 0.33 },
  },
  { what: 'whole job ÷ BullMQ', value: wholeJob('onsignup'), by: wholeJob('bullmq'), bound: { atLeast: 8 } },
  {
    what: 'whole job ÷ pg-boss',
    value: wholeJob('onsignup'),
    by: wholeJob('pg-boss'),
    bound: { atLeast: 10 },
  },
  {
    what: 'whole job ÷ graphile-worker',
    value: wholeJob('onsignup'),
    by: wholeJob('graphile-worker'),
    bound: { atLeast: 5 },
  },
  {
    what: 'accept to handler start, p50 ÷ append log',
    value: [START, 'onsignup', 'p50'],
    by: [START, 'log', 'p50'],
    bound: { atMost: 1.5 },
  },
  {
    what: 'accept to handler start, p99',
    value: [START, 'onsignup', 'p99'],
    unit: 'ms',
    bound: { atMost: 5 },
  },
  {
    what: 'HTTP whole job ÷ node:http that stores nothing',
    value: ['HTTP', 'onsignup, whole job', 'perSecond'],
    by: ['HTTP', 'node:http, nothing stored', 'perSecond'],
    bound: { atLeast: 0.3 },
  },
  {
    what: 'claim rate, 1 M ÷ 10 k due',
    value: [`${CLAIM} 1000000`, 'onsignup', 'perSecond'],
    by: [`${CLAIM} 10000`, 'onsignup', 'perSecond'],
    bound: { atLeast: 0.65 },
  },
  {
    what: 'peak memory, 1 M waiting',
    value: ['engine, due 1000000', 'onsignup', 'peak'],
    unit: 'MB',
    bound: { atMost: 200 },
  },
  { what: 'ready, one function', value: startUp('one function', 'ready'), unit: 's', bound: { atMost: 0.5 } },
  {
    what: 'idle memory, one function',
    value: startUp('one function', 'idle'),
    unit: 'MB',
    bound: { atMost: 80 },
  },
  { what: `ready, ${MANY}`, value: startUp(MANY, 'ready'), unit: 's', bound: { atMost: 0.8 } },
  { what: `idle memory, ${MANY}`, value: startUp(MANY, 'idle'), unit: 'MB', bound: { atMost: 130 } },
]

/** Whether the results reach the target; null when they do not hold what it compares. */
export const judge = (results: Results, { value, by, bound }: Target): Verdict | null => {
  const [over, under] = [value, by].map((each) => each && findRow(results, each[0], each[1]))
  const top = medianOf(over, value[2])
  const bottom = by === undefined ? 1 : medianOf(under, by[2])
  if (top === null || bottom === null) return null
  const divisors = by === undefined ? [] : valuesOf(under, by[2])
  const each = valuesOf(over, value[2]).map((number, repeat) => number / (divisors[repeat] ?? bottom))
  const measured = top / bottom
  const pass = 'atLeast' in bound ? measured >= bound.atLeast : measured <= bound.atMost
  return { measured, least: Math.min(...each), most: Math.max(...each), pass }
}
