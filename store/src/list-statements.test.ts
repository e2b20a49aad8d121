import type { DeliveryQuery, ShownState } from '@onsignup/core/engine'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from './connection.ts'
import { listDeliveries } from './list-statements.ts'
import { migrate } from './schema.ts'

const planOf = (query: Omit<DeliveryQuery, 'limit'>, isScarce = false): string => {
  const db = connect(':memory:')
  onTestFinished(() => db.close())
  migrate(db, ':memory:')
  const { sql, values } = listDeliveries({ limit: 50, ...query }, 0, { connectors: [1, 2], isScarce })
  const steps = db.all(`EXPLAIN QUERY PLAN ${sql}`, ...values).map((row) => String(row['detail']))
  return steps.join('\n')
}

const SORTS = /USE TEMP B-TREE FOR ORDER BY/

const states: readonly ShownState[] = [
  'delivered',
  'skipped',
  'unknown',
  'dead',
  'orphaned',
  'paused',
  'parked',
  'pending',
  'waiting',
]

test.each(states)('a page of a backlog that is %s is read in its order, not sorted', (state) => {
  expect(planOf({ state })).not.toMatch(SORTS)
})

test.each<ShownState>(['skipped', 'unknown', 'dead'])('those that ended %s are sought alone', (state) => {
  expect(planOf({ state })).toContain(`d USING INDEX deliveries_${state}`)
})

test('a page of everything is read in its order, not sorted', () => {
  expect(planOf({})).not.toMatch(SORTS)
})

test.each<ShownState>(['paused', 'parked', 'pending', 'waiting'])(
  'the few that are %s are sought, not everything open',
  (state) => {
    expect(planOf({ state }, true)).toMatch(/SEARCH d USING INDEX deliveries_due \(connector=\?/)
  },
)

test('what runs and what an event has are sought alone', () => {
  expect(planOf({ state: 'running' })).toMatch(/d USING INDEX deliveries_held/)
  expect(planOf({ event: 'e', state: 'pending' })).toMatch(/SEARCH e USING INTEGER PRIMARY KEY \(rowid=\?\)/)
  expect(planOf({ event: 'e', state: 'pending' })).toMatch(/SEARCH d USING INTEGER PRIMARY KEY/)
})

test("a user's events are found by reading through the events, newest first, and only their deliveries are read", () => {
  const plan = planOf({ user: 'u', state: 'dead' })
  expect(plan).toMatch(/SCAN e/)
  expect(plan).toMatch(/SEARCH d USING INTEGER PRIMARY KEY/)
})
