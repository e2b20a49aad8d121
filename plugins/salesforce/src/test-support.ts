import nock from 'nock'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import { sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { createBudget } from './budget.ts'
import { createClient } from './client.ts'
import { createCheck } from './check.ts'
import { createDeliver } from './deliver.ts'
import { createDescriptions } from './description.ts'
import { complete, optionsSchema, type Options } from './options.ts'
import { createMapping } from './record.ts'
import { createValidation } from './validation.ts'

export const ORG = 'https://acme.my.salesforce.com'
export const UPSERT = '/services/data/v66.0/composite/sobjects/Lead/Registration_Id__c'
export const CREATE = '/services/data/v66.0/composite/sobjects'

export const CREDENTIALS = { login_url: ORG, client_id: 'the-client-id', client_secret: 'the-client-secret' }

const CLIENT_CREDENTIALS = {
  params: () => ({ grant_type: 'client_credentials' }),
  secrets: [CREDENTIALS.client_secret],
}

/** Options as connect gets them. */
export const options = (given: object = {}): Options =>
  complete(optionsSchema.parse({ ...CREDENTIALS, ...given }))

/** Nothing leaves the machine, and a request that nobody expected fails the test instead of looking like a 501. */
export const useNock = (): void => {
  const noMatch: string[] = []
  const note = ({ url }: Request) => {
    if (new URL(url).hostname !== '127.0.0.1') noMatch.push(url)
  }
  beforeEach(() => {
    nock.disableNetConnect()
    nock.enableNetConnect('127.0.0.1')
    nock.emitter.on('no match', note)
  })
  afterEach(() => {
    nock.emitter.removeListener('no match', note)
    const [missed, pending] = [noMatch.splice(0), nock.pendingMocks()]
    nock.cleanAll()
    nock.abortPendingRequests()
    expect(missed).toEqual([])
    expect(pending).toEqual([])
  })
  afterAll(() => nock.restore())
}

export const TOKEN = {
  access_token: 'the-token',
  instance_url: ORG,
  id: 'https://login.salesforce.com/id/00D000000000001/005000000000002',
  token_type: 'Bearer',
}

/** Expects one sign-in with the client credentials. */
export const signsIn = (answer: object = TOKEN): nock.Scope =>
  nock(ORG)
    .post('/services/oauth2/token', {
      grant_type: 'client_credentials',
      client_id: 'the-client-id',
      client_secret: 'the-client-secret',
    })
    .reply(200, { ...answer })

export const saved = (number: number, created = true) => ({
  id: `00Q00000000000${number}`,
  success: true,
  errors: [],
  created,
})

export const notSaved = (statusCode: string, message = 'message', fields: readonly string[] = []) => ({
  success: false,
  errors: [{ statusCode, message, fields }],
})

export const item = (id = 'auth0|1', attempt = 1) => ({
  ...testRun({ attempt }),
  event: sampleEvent({ user: { id } }),
})

/** A field as describe tells of it; by default optional text of 255 characters. */
export const describedField = (name: string, more: object = {}) => ({
  name,
  label: name,
  type: 'string',
  length: 255,
  createable: true,
  updateable: true,
  nillable: true,
  defaultedOnCreate: false,
  externalId: false,
  unique: false,
  caseSensitive: false,
  restrictedPicklist: false,
  picklistValues: [],
  ...more,
})

/** What describe says of a Lead that the default mapping fits. */
export const LEAD = {
  name: 'Lead',
  createable: true,
  updateable: true,
  fields: [
    describedField('Id', { type: 'id', createable: false, updateable: false, nillable: false }),
    describedField('OwnerId', { type: 'reference', nillable: false, defaultedOnCreate: true }),
    describedField('LastName', { length: 80, nillable: false }),
    describedField('FirstName', { length: 40 }),
    describedField('Company', { nillable: false }),
    describedField('Email', { type: 'email', length: 80 }),
    describedField('Phone', { type: 'phone', length: 40 }),
    describedField('LeadSource', { type: 'picklist' }),
    describedField('Registration_Id__c', { externalId: true, unique: true, caseSensitive: true }),
  ],
}

/** The plugin's batch hook with its client, ready to run. */
export const hook = (given: object = {}, overrides: Parameters<typeof testServices>[0] = {}) => {
  const services = testServices(overrides)
  // Most tests are about what is sent, and need no description of the object first.
  const resolved = options({ validate: 'off', ...given })
  const client = createClient(resolved, CLIENT_CREDENTIALS, services)
  const budget = createBudget(resolved.max_api_usage, services.clock)
  const mapping = createMapping(resolved, services.templates)
  const descriptions = createDescriptions(resolved, client, budget)
  const validation = createValidation(resolved, descriptions)
  const deliver = createDeliver(resolved, mapping, { client, budget, validation })
  return { client, deliver, validation, check: createCheck(resolved, client, descriptions) }
}

/** A real server on loopback, for what nock cannot do: cuts, stalls, redirects to another host. */
export const serve = async (listener: RequestListener) => {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An org on loopback that signs anybody in; the rest is the listener's. */
export const serveOrg = (listener: RequestListener) => {
  let tokens = 0
  return serve((request, response) => {
    if (request.url !== '/services/oauth2/token') return listener(request, response)
    tokens += 1
    const instance_url = `http://${request.headers.host}`
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...TOKEN, access_token: `token-${tokens}`, instance_url }))
  })
}
