import { fork } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { answerSchema, type Answer } from './job.ts'
import { diskFolder } from './machine.ts'
import type { Cell, Step } from './plan.ts'
import type { Row } from './results.ts'

const CHILD = join(import.meta.dirname, 'child.ts')
/** How long one child may take. */
const LIMIT = 120_000

const running = new Set<() => void>()

/** Ends what is being measured, with all that it started. */
export const stopAll = (): void => {
  for (const kill of running) kill()
}

const runStep = async (step: Step, folder: string, program: string): Promise<Answer> => {
  // A group of its own, so that its servers end with it.
  const child = fork(CHILD, [JSON.stringify({ ...step, folder, program })], { detached: true })
  const { pid } = child
  const kill = (): void => {
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  }
  running.add(kill)
  const timer = setTimeout(kill, LIMIT)
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let answer: Answer = { failed: `it ended without an answer, or took longer than ${LIMIT / 1_000} s` }
  child.on('message', (message) => (answer = answerSchema.parse(message)))
  child.on('exit', () => resolve())
  await ended
  clearTimeout(timer)
  kill()
  running.delete(kill)
  return answer
}

const addTo = (rows: Row[], name: string, step: Step, answer: Answer): void => {
  let row = rows.find((each) => each.name === name && each.engine === step.engine)
  if (row === undefined) {
    const { engine, events, callers } = step
    row = { name, engine, events, callers, samples: [], absent: null }
    rows.push(row)
  }
  if ('sample' in answer) row.samples.push(answer.sample)
  else if ('absent' in answer) row.absent = answer.absent
}

const newFolder = (): Promise<string> => mkdtemp(join(diskFolder(), 'onsignup-bench-'))

const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3 })

/** Folders that cells begin with, by what made them. */
const prepared = new Map<string, string>()

const folderFor = async ({ prepare }: Cell, program: string): Promise<string> => {
  const folder = await newFolder()
  if (prepare === undefined) return folder
  const key = JSON.stringify(prepare)
  let made = prepared.get(key)
  if (made === undefined) {
    made = await newFolder()
    prepared.set(key, made)
    const answer = await runStep(prepare, made, program)
    if (!('sample' in answer)) throw new Error(`${prepare.measure} failed: ${JSON.stringify(answer)}`)
  }
  await cp(made, folder, { recursive: true })
  return folder
}

/** Removes what cells began with. */
export const removePrepared = async (): Promise<void> => {
  await Promise.all([...prepared.values()].map(removeFolder))
  prepared.clear()
}

/** Measures a cell once, in a new folder, and adds what came of it to the rows. */
export const runCell = async (cell: Cell, rows: Row[], program: string): Promise<void> => {
  const folder = await folderFor(cell, program)
  try {
    for (const { name, step } of cell.steps) {
      const answer = await runStep(step, folder, program)
      const numbers = 'sample' in answer ? JSON.stringify(answer.sample) : Object.values(answer).join()
      console.log(`${name} · ${step.engine}: ${numbers}`)
      addTo(rows, name, step, answer)
      if (!('sample' in answer)) return
    }
  } finally {
    await removeFolder(folder)
  }
}
