import type { Job } from './job.ts'

export const PARTS = ['accept', 'whole', 'latency', 'backlog', 'http', 'start-up'] as const

export type PartName = (typeof PARTS)[number]

export const isPart = (name: string): name is PartName => PARTS.some((part) => part === name)

/** A run of a child process; those of one cell share a folder, one after the other. */
export type Step = Omit<Job, 'folder' | 'program'>

/** What is measured once in every repeat. */
export interface Cell {
  readonly part: PartName
  /** Makes what the steps begin with; done once, each repeat works on a copy. */
  readonly prepare?: Step
  /** What its samples are called; several steps of one engine are several measures. */
  readonly steps: readonly { readonly name: string; readonly step: Step }[]
}

const STEP = { events: 0, callers: 1, backlog: 0 }
const CALLERS = 64

/** Slow engines get fewer events, so that all of it stays within minutes. */
const WHOLE_JOB_EVENTS = {
  log: 20_000,
  onsignup: 20_000,
  'onsignup-50': 20_000,
  bullmq: 5_000,
  'pg-boss': 5_000,
  'graphile-worker': 5_000,
  jetstream: 20_000,
}

const cell = (
  part: PartName,
  name: string,
  step: Partial<Step> & Pick<Step, 'measure' | 'engine'>,
): Cell => ({
  part,
  steps: [{ name, step: { ...STEP, ...step } }],
})

const accepting = (scale: number): readonly Cell[] =>
  [
    { callers: 1, events: 3_000 },
    { callers: CALLERS, events: 20_000 },
  ].flatMap(({ callers, events }) =>
    ['log', 'onsignup'].map((engine) =>
      cell('accept', `accept, callers ${callers}`, {
        measure: 'accept',
        engine,
        callers,
        events: events / scale,
      }),
    ),
  )

const wholeJobs = (scale: number): readonly Cell[] =>
  Object.entries(WHOLE_JOB_EVENTS).map(([engine, events]) =>
    cell('whole', 'whole job', { measure: 'whole', engine, callers: CALLERS, events: events / scale }),
  )

const latencies = (scale: number): readonly Cell[] =>
  Object.keys(WHOLE_JOB_EVENTS)
    .filter((engine) => engine !== 'onsignup-50')
    .map((engine) => cell('latency', 'accept to handler', { measure: 'latency', engine, events: 60 / scale }))

const backlogs = (scale: number): readonly Cell[] =>
  [10_000, 100_000, 1_000_000].map((size) => {
    const step = { ...STEP, engine: 'onsignup', backlog: size / scale }
    return {
      part: 'backlog',
      prepare: { ...step, measure: 'fill' },
      steps: [
        { name: `claim and settle, due ${size}`, step: { ...step, measure: 'claim' } },
        { name: `engine, due ${size}`, step: { ...step, measure: 'drain' } },
      ],
    } satisfies Cell
  })

const requests = (scale: number): readonly Cell[] =>
  ['node:http, nothing stored', 'onsignup, nothing stored', 'onsignup, accept', 'onsignup, whole job'].map(
    (engine) => cell('http', 'HTTP', { measure: 'http', engine, callers: CALLERS, events: 10_000 / scale }),
  )

const startUps = (): readonly Cell[] =>
  ['one function', 'Slack, Salesforce and e-mail'].map((engine) =>
    cell('start-up', 'start-up', { measure: 'start-up', engine }),
  )

/** All that is measured, in the order in which every repeat goes through it; `scale` divides the work. */
export const planOf = (parts: readonly PartName[], scale: number): readonly Cell[] =>
  [
    ...accepting(scale),
    ...wholeJobs(scale),
    ...latencies(scale),
    ...backlogs(scale),
    ...requests(scale),
    ...startUps(),
  ].filter(({ part }) => parts.includes(part))
