import { Connection } from 'jsforce/lib/connection.js'
import { execFile } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { testRun } from '@onsignup/core/testing'
import { hook, item, saved, serve, serveOrg } from './test-support.ts'

/** jsforce as it comes, without what this plugin puts around it. */
const plain = (instanceUrl: string, more: object = {}) =>
  new Connection({ instanceUrl, accessToken: 'the-token', version: '66.0', ...more })

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

const kindsOf = async (url: string, items = [item()], given: object = {}) => {
  const outcomes = await hook({ login_url: url, ...given }).deliver(items, testRun())
  return outcomes.map(({ kind }) => kind)
}

describe('an answer that is cut in its body', () => {
  const cut = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('[{"success":', () => setTimeout(() => response.destroy(), 50))
  }

  test('ends the process of plain jsforce by an exception that nobody can catch', async () => {
    await using org = await serve(cut)
    const script = new URL('../test/plain-jsforce.ts', import.meta.url).pathname
    const run = promisify(execFile)(process.execPath, [script, org.url], { timeout: 15_000 })
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/terminated/),
    })
  })

  test('is an outcome here', async () => {
    await using org = await serveOrg(cut)
    expect(await kindsOf(org.url)).toEqual(['retry'])
  })
})

describe('a session that is refused when it is fresh', () => {
  const REFUSED = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]

  test('makes plain jsforce sign in without an end', async () => {
    let requests = 0
    const many = Promise.withResolvers<void>()
    let refused = true
    await using org = await serve((_request, response) => {
      requests += 1
      if (requests === 50) {
        refused = false
        many.resolve()
      }
      json(response, refused ? 401 : 200, refused ? REFUSED : {})
    })
    const refreshFn = (_connection: unknown, done: (error: undefined, token: string) => void) =>
      done(undefined, 'a-fresh-token')
    await plain(org.url, { refreshFn }).request('/services/data/v66.0/limits')
    await many.promise
    expect(requests).toBeGreaterThanOrEqual(50)
  })

  test('is refused twice here, by two requests, and parks the connector', async () => {
    let requests = 0
    await using org = await serveOrg((_request, response) => {
      requests += 1
      json(response, 401, REFUSED)
    })
    expect(await kindsOf(org.url)).toEqual(['misconfigured'])
    expect(requests).toBe(2)
  })
})

describe('a redirect to another host', () => {
  const redirecting = async () => {
    const tokens: (string | undefined)[] = []
    const other = await serve((request, response) => {
      tokens.push(request.headers.authorization)
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>')
    })
    const redirect = (_request: IncomingMessage, response: ServerResponse) =>
      response.writeHead(302, { location: `${other.url.replace('127.0.0.1', 'localhost')}/login` }).end()
    return { tokens, other, redirect }
  }

  test('gets the token from plain jsforce, whose answer is the page, as a success', async () => {
    const { tokens, other, redirect } = await redirecting()
    await using _other = other
    await using org = await serve(redirect)
    const answer: unknown = await plain(org.url).request({
      method: 'POST',
      url: '/services/data/v66.0/x',
      body: '{}',
    })
    expect(answer).toContain('<html>')
    expect(tokens).toEqual(['Bearer the-token'])
  })

  test('gets nothing from here, and parks the connector', async () => {
    const { tokens, other, redirect } = await redirecting()
    await using _other = other
    await using org = await serveOrg(redirect)
    expect(await kindsOf(org.url)).toEqual(['misconfigured'])
    expect(tokens).toEqual([])
  })
})

describe('an external id that is a path', () => {
  const HOSTILE = '../../Account/001000000000001AAA'

  const orgOf = (paths: string[]) => (request: IncomingMessage, response: ServerResponse) => {
    paths.push(`${request.method} ${request.url}`)
    json(response, 200, [saved(1)])
  }

  test('leads a single upsert of plain jsforce to another object', async () => {
    const paths: string[] = []
    await using org = await serve(orgOf(paths))
    const record = { LastName: 'x', Registration_Id__c: HOSTILE }
    await plain(org.url)
      .sobject('Lead')
      .upsert(record, 'Registration_Id__c')
      .catch(() => undefined)
    expect(paths).toEqual(['PATCH /services/data/v66.0/sobjects/Account/001000000000001AAA'])
  })

  test('is a value here', async () => {
    const paths: string[] = []
    await using org = await serveOrg(orgOf(paths))
    expect(await kindsOf(org.url, [item(HOSTILE)])).toEqual(['delivered'])
    expect(paths).toEqual(['PATCH /services/data/v66.0/composite/sobjects/Lead/Registration_Id__c'])
  })
})

describe('an id with a backslash and a quote', () => {
  const HOSTILE = String.raw`x\' OR Name != '`

  test('ends the text of a query of plain jsforce', async () => {
    const queries: (string | null)[] = []
    await using org = await serve((request, response) => {
      queries.push(new URL(request.url ?? '', 'http://org').searchParams.get('q'))
      json(response, 200, { totalSize: 0, done: true, records: [] })
    })
    await plain(org.url).sobject('Lead').find({ Registration_Id__c: HOSTILE }, ['Id'])
    // In SOQL \\ is a backslash, so that the quote after it is the end of the text.
    expect(queries[0]).toContain(String.raw`Registration_Id__c = 'x\\' OR Name != \''`)
  })

  test('is asked for by no query here, and arrives as it is', async () => {
    const paths: string[] = []
    const bodies: string[] = []
    await using org = await serveOrg(async (request, response) => {
      paths.push(request.url ?? '')
      bodies.push(await bodyOf(request))
      json(response, 200, [saved(1)])
    })
    expect(await kindsOf(org.url, [item(HOSTILE)])).toEqual(['delivered'])
    expect(paths.filter((path) => path.includes('query'))).toEqual([])
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({
      records: [{ Registration_Id__c: `my-tenant:${HOSTILE}` }],
    })
  })
})
