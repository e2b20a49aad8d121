import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Connector, Notice } from './contract.ts'
import { definePlugin } from './define-plugin.ts'
import { delivered, misconfigured, retry } from './outcome.ts'
import { createTestOnSignup, type TestOnSignupOptions } from './testing/create-test-onsignup.ts'

const plugin = (connector: Connector) =>
  definePlugin({ name: 'team', options: z.object({}), connect: () => connector })

const breaks = plugin({
  postUserRegistration: () => misconfigured('token revoked', { mend: 'set a new one' }),
})

/** Two connectors that are misconfigured, and one that is told of it. */
const world = (notify: Connector['notify'] = () => {}, options: TestOnSignupOptions = {}) => {
  const notices: Notice[] = []
  const onsignup = createTestOnSignup({ alerts: 'ops', ...options })
    .use('one', breaks)
    .use('two', breaks)
    .use(
      'ops',
      plugin({
        postUserRegistration: () => delivered(),
        notify(notice, run) {
          notices.push(notice)
          return notify(notice, run)
        },
      }),
    )
  const alerted: string[] = []
  onsignup.on('alerted', ({ connectors, through, sent }) =>
    alerted.push(`${connectors.join('+')} ${through} ${sent}`),
  )
  const publish = async (id: string) => {
    await onsignup.publish({ user: { id } })
    await onsignup.clock.advance(0)
  }
  return { onsignup, notices, alerted, publish }
}

test('connectors that park together are told of together, once', async () => {
  const { onsignup, notices, alerted, publish } = world()
  await publish('1')
  await publish('2')
  await onsignup.clock.advance('1h')
  expect(notices).toEqual([
    {
      title: '2 connectors are parked: one, two',
      text: ['one', 'two']
        .map(
          (name) =>
            `${name} is parked: its deliveries wait, and nothing is lost.\ntoken revoked\nWhat to do: set a new one`,
        )
        .join('\n\n'),
      faults: ['one', 'two'].map((connector) => ({
        connector,
        code: 'misconfigured',
        reason: 'token revoked',
        mend: 'set a new one',
        since: expect.any(Date),
      })),
    },
  ])
  expect(alerted).toEqual(['one+two ops true'])
})

test('one that parks within a minute of an alert is told of when the minute is over, if it is parked still', async () => {
  let answers = 'right'
  const turns = plugin({
    postUserRegistration: () => (answers === 'wrong' ? misconfigured('wrong') : delivered()),
  })
  const { onsignup, notices, publish } = world()
  onsignup.use('three', turns)
  await publish('1')
  answers = 'wrong'
  await onsignup.clock.advance('10s')
  await publish('2')
  await onsignup.clock.advance('49s')
  expect(notices).toHaveLength(1)
  await onsignup.clock.advance('1s')
  expect(notices.map(({ title }) => title)).toEqual(['2 connectors are parked: one, two', 'three is parked'])
  const calm = world()
  calm.onsignup.use('three', turns)
  answers = 'right'
  await calm.publish('1')
  answers = 'wrong'
  await calm.publish('2')
  answers = 'right'
  await calm.onsignup.resume('three')
  await calm.onsignup.clock.advance('5m')
  expect(calm.notices).toHaveLength(1)
})

test('an alert is one try, and what goes wrong with it is logged', async () => {
  const { onsignup, alerted, publish } = world(() => retry('Slack is down'))
  await publish('1')
  await onsignup.clock.advance('1h')
  expect(alerted).toEqual(['one+two ops false'])
  expect(onsignup.logger.lines.filter(({ message }) => message === 'ops took no alert')).toHaveLength(1)
})

test('an alert that hangs is given up at the timeout, and does not hold up a stop', async () => {
  const signals: AbortSignal[] = []
  const hang: Connector['notify'] = (_notice, { signal }) => {
    signals.push(signal)
    return new Promise(() => {})
  }
  const { onsignup, alerted, publish } = world(hang)
  await publish('1')
  await onsignup.clock.advance('11s')
  expect([signals.map(({ aborted }) => aborted), alerted]).toEqual([[true], ['one+two ops false']])
  const stopped = world(hang)
  await stopped.publish('1')
  await stopped.onsignup.close()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
})

test('nobody is told through the connector that it is about', async () => {
  const notices: Notice[] = []
  const onsignup = createTestOnSignup({ alerts: 'ops' }).use(
    'ops',
    plugin({
      postUserRegistration: () => misconfigured('no'),
      notify(notice) {
        notices.push(notice)
      },
    }),
  )
  await onsignup.publish({ user: { id: '1' } })
  await onsignup.clock.advance('1h')
  expect(notices).toEqual([])
})

test('nothing is told through a paused connector', async () => {
  const { onsignup, notices, publish } = world()
  await onsignup.pause('ops')
  await publish('1')
  await onsignup.clock.advance('1h')
  expect(notices).toEqual([])
})

test.each([
  ['a name that no connector has', 'opps', 'did you mean ops?'],
  ['a connector that takes none', 'one', expect.stringContaining('alerts_channel')],
])('alerts through %s are refused at the start', async (_what, alerts, mend) => {
  const { onsignup } = world(undefined, { alerts })
  await expect(onsignup.start()).rejects.toMatchObject({ code: 'alerts_invalid', mend })
})
