import { expect, test } from 'vitest'
import { publish, statesOf, untilDelivered } from '../support/http.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld } from '../support/world.ts'

test('a CRM that refuses the credentials is told of in Slack, once, with what to do', async () => {
  await using world = await createWorld({ top: 'alerts: team-slack' })
  const { slack, salesforce } = world.sandbox
  const refusing = salesforce.misbehave({ kind: 'error', errorCode: 'invalid_client', path: 'token' })
  const { url } = await world.start()
  const first = await publish(url, ada)
  const alerts = () => slack.messages.map(({ text }) => text).filter((text) => text === 'crm is parked')
  await until('it is told of', () => alerts().length > 0)

  const second = await publish(url, { user: { id: 'auth0|second' } })
  await until('both are told of in Slack', async () => {
    const states = await Promise.all([first, second].map(({ id }) => statesOf(url, id)))
    return states.every((state) => state['team-slack'] === 'delivered')
  })
  expect(alerts()).toHaveLength(1)
  const alert = slack.messages.find(({ text }) => text === 'crm is parked')
  expect(JSON.stringify(alert)).toContain('invalid_client')
  expect(JSON.stringify(alert)).toContain('What to do: ')

  refusing.stop()
  const { stdout } = await world.run(['resume', 'crm', '--url', url])
  expect(stdout).toMatch(/^open /)
  await untilDelivered(url, first.id)
  expect(salesforce.records('Lead')).toHaveLength(2)
})

test('alerts to a connector that takes none stop the start, and show in check', async () => {
  await using world = await createWorld({ top: 'alerts: welcome' })
  const { code, stderr } = await world.run(['check'])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('alerts: welcome (email) takes no alerts as it is configured'),
  ])
})
