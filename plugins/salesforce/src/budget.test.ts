import nock from 'nock'
import { expect, test } from 'vitest'
import { createTestClock, testRun } from '@onsignup/core/testing'
import { hook, item, ORG, saved, signsIn, UPSERT, useNock } from './test-support.ts'

useNock()

const run = testRun()

const answers = (usage: string) =>
  nock(ORG)
    .patch(UPSERT)
    .reply(200, [saved(1)], { 'Sforce-Limit-Info': `api-usage=${usage}` })

test('at its share of the daily calls it stops, uncounted, and asks again a quarter of an hour later', async () => {
  const clock = createTestClock()
  const { deliver } = hook({}, { clock })
  signsIn()
  answers('4499/5000')
  answers('4500/5000')
  expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  await clock.advance('5m')
  expect(await deliver([item('a'), item('b')], run)).toMatchObject([
    {
      kind: 'throttled',
      code: 'SF_API_SHARE',
      after: 600_000,
      message: 'Salesforce: 4500 of 5000 API calls of the last 24 hours are used, and this stops at 90 %',
    },
    { kind: 'throttled' },
  ])
  await clock.advance('10m')
  answers('4000/5000')
  expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
  answers('4001/5000')
  expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
})

test('a burst of several calls stops amid them', async () => {
  const { deliver } = hook({ max_api_usage: 0.5 })
  signsIn()
  nock(ORG)
    .patch(UPSERT)
    .reply(
      200,
      Array.from({ length: 200 }, () => saved(1)),
      { 'Sforce-Limit-Info': 'api-usage=2500/5000' },
    )
  const items = Array.from({ length: 250 }, (_, n) => item(`auth0|${n}`))
  const outcomes = await deliver(items, run)
  const kinds = outcomes.map(({ kind }) => kind)
  expect([kinds.filter((kind) => kind === 'delivered').length, new Set(kinds.slice(200))]).toEqual([
    200,
    new Set(['throttled']),
  ])
})

test.each([undefined, 'nonsense', '5/0', '/'])(
  'an answer that says %j of the calls stops nothing',
  async (usage) => {
    const { deliver } = hook()
    signsIn()
    for (let n = 0; n < 2; n += 1) {
      nock(ORG)
        .patch(UPSERT)
        .reply(200, [saved(1)], usage === undefined ? {} : { 'Sforce-Limit-Info': `api-usage=${usage}` })
      expect(await deliver([item()], run)).toMatchObject([{ kind: 'delivered' }])
    }
  },
)
