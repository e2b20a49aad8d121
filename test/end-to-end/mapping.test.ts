import { salesforceField } from '@onsignup/sandbox'
import { createTestClock } from '@onsignup/core/testing'
import { CLOCK } from 'onsignup/compose'
import { expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import { deliveriesOf, outcomes, publish, untilDelivered } from '../support/http.ts'
import { ada, named } from '../support/registrations.ts'
import { until } from '../support/until.ts'
import { createWorld, type World } from '../support/world.ts'

const USERS = ['first', 'second', 'third', 'fourth', 'fifth']

/** A mapping to a field that the org does not have. */
const crmOf = ({ sandbox: { salesforce } }: World, more = '') => `
  crm:
    uses: salesforce
    with:
      login_url: ${salesforce.url}
      client_id: ${salesforce.clientId}
      client_secret: ${salesforce.clientSecret}
      fields: { LastName: '{{ user.email }}', Company: Acme, Region__c: North }
      ${more}
    batch: { max_wait: 0s }
`

const yamlFor = (world: World, more: string) => `
server: { port: 0 }
store: ./onsignup.db
alerts: team-slack
connectors:
  team-slack:
    uses: slack
    with: { api_url: '${world.sandbox.slack.url}', token: ${world.sandbox.slack.token}, channel: C0000000001 }
${crmOf(world, more)}`

const lastNames = ({ sandbox }: World) => sandbox.salesforce.records('Lead').map(({ LastName }) => LastName)

const alertsIn = ({ sandbox }: World) => sandbox.slack.messages.filter(({ text }) => text === 'crm is parked')

const untilParked = (world: World) => until('it is told of', () => alertsIn(world).length > 0)

test('a wrong field name parks the connector at the start, with one alert; when the field is made, all goes out, oldest first', async () => {
  await using world = await createWorld()
  const { salesforce } = world.sandbox
  await world.folder.write('onsignup.yaml', yamlFor(world, 'validate: strict'))
  const { url } = await world.start()
  await untilParked(world)
  expect(JSON.stringify(alertsIn(world))).toContain('Region__c')
  const events: { readonly id: string }[] = []
  for (const name of USERS) events.push(await publish(url, named(name)))
  for (const { id } of events) expect((await deliveriesOf(url, id))['crm']).toMatchObject({ state: 'parked' })

  salesforce.addField('Lead', salesforceField('Region__c', 'string'))
  await world.run(['resume', 'crm', '--url', url])
  for (const { id } of events) await untilDelivered(url, id)
  expect(lastNames(world)).toEqual(USERS.map((name) => `${name}@example.com`))
  expect(alertsIn(world)).toHaveLength(1)
  for (const { id } of events) expect(outcomes((await deliveriesOf(url, id))['crm'])).toEqual(['delivered'])
})

test('a wrong field name that the first record meets burns no attempt, and nothing is dead', async () => {
  await using world = await createWorld()
  const { salesforce } = world.sandbox
  await world.folder.write('onsignup.yaml', yamlFor(world, "validate: 'off'"))
  const { url } = await world.start()
  const events: { readonly id: string }[] = []
  for (const name of USERS) events.push(await publish(url, named(name)))
  await untilParked(world)
  for (const { id } of events) expect((await deliveriesOf(url, id))['crm']).toMatchObject({ state: 'parked' })
  expect(lastNames(world)).toEqual([])

  salesforce.addField('Lead', salesforceField('Region__c', 'string'))
  await world.run(['resume', 'crm', '--url', url])
  for (const { id } of events) await untilDelivered(url, id)
  expect(new Set(lastNames(world))).toEqual(new Set(USERS.map((name) => `${name}@example.com`)))
  expect(salesforce.records('Lead')).toHaveLength(USERS.length)
  expect(alertsIn(world)).toHaveLength(1)
})

test('a field that is made meanwhile is found by itself, five minutes later', async () => {
  await using world = await createWorld()
  const { salesforce } = world.sandbox
  const clock = createTestClock()
  await using program = await composeFile(`connectors: ${crmOf(world)}`, (container) =>
    container.replace(CLOCK, () => clock),
  )
  await program.idle()
  const { id } = await program.publish(ada)
  await clock.advance('4m')
  await program.idle()
  expect((await program.deliveries(id))['crm']).toMatchObject({ state: 'parked', tries: 0, attempts: [] })
  salesforce.addField('Lead', salesforceField('Region__c', 'string'))
  await clock.advance('1m')
  await program.idle()
  expect((await program.deliveries(id))['crm']?.state).toBe('delivered')
  expect(salesforce.records('Lead')).toMatchObject([{ Region__c: 'North' }])
})

test('an org that cannot be reached stops no start, and what waited goes out when it can', async () => {
  await using world = await createWorld({ crm: 'batch: { max_wait: 0s }' })
  const { salesforce } = world.sandbox
  const down = salesforce.misbehave({ kind: 'cut', at: 'before-headers' })
  const { url } = await world.start()
  const { id } = await publish(url, ada)
  await until('it was tried', async () => outcomes((await deliveriesOf(url, id))['crm']).length > 1)
  expect(salesforce.records('Lead')).toEqual([])
  down.stop()
  // Otherwise a minute may pass until it is tried again.
  await world.run(['resume', 'crm', '--url', url])
  await untilDelivered(url, id)
  expect(salesforce.records('Lead')).toHaveLength(1)
})
