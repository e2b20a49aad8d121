import { expect, test } from 'vitest'
import { runKills } from './kills/harness.ts'
import { describeKills, isAsPromised } from './kills/report.ts'

const LOAD = { seed: 7, callers: 16, think: 100 }

test('killed again and again under load, it loses nothing that it accepted, and its history explains every repeat', async () => {
  const report = await runKills({ ...LOAD, kills: 5, signal: 'SIGKILL' })
  expect(report.problems).toEqual([])
  expect(report).toMatchObject({ lost: 0, exitCodes: { null: 5 } })
  expect(isAsPromised(report), describeKills(report)).toBe(true)
}, 60_000)

test('stopped again and again under load, it exits 0, loses nothing, and cuts nothing that was in flight', async () => {
  const report = await runKills({ ...LOAD, kills: 3, signal: 'SIGTERM' })
  expect(report.problems).toEqual([])
  expect(report).toMatchObject({ lost: 0, inFlight: 0, held: 0, cut: 0, exitCodes: { 0: 3 } })
  expect(report.repeats).toEqual({ harmless: 0, retrying: 0, holding: 0 })
  expect(isAsPromised(report), describeKills(report)).toBe(true)
}, 60_000)
