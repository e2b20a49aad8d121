import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { readSalesforceFault, readSlackFault, readSmtpFault } from './fault-reader.ts'
import type { Reading } from './fault-reader.ts'
import { parseJson } from './json.ts'
import { listen } from './listen.ts'
import type { FaultHandle } from './misbehaviour.ts'
import type { SalesforceDouble } from './salesforce.ts'
import type { SlackDouble } from './slack.ts'
import type { SmtpDouble } from './smtp.ts'

export interface Doubles {
  readonly slack: SlackDouble
  readonly salesforce: SalesforceDouble
  readonly smtp: SmtpDouble
}

export interface Control {
  /** Such as http://127.0.0.1:4030 */
  readonly url: string
  close(): Promise<void>
}

/** Serves the state of running doubles, and takes commands to misbehave, over HTTP on loopback. */
export async function startControl(doubles: Doubles, port = 0): Promise<Control> {
  const server = createServer(getRequestListener(createControlApp(doubles).fetch))
  const { origin, close } = await listen(server, port)
  return { url: origin, close }
}

function createControlApp({ slack, salesforce, smtp }: Doubles): Hono {
  const handles = new Map<string, FaultHandle>()
  const services = new Map([
    ['slack', { command: (json: unknown) => obey(readSlackFault(json), slack.misbehave), double: slack }],
    [
      'salesforce',
      {
        command: (json: unknown) => obey(readSalesforceFault(json), salesforce.misbehave),
        double: salesforce,
      },
    ],
    ['smtp', { command: (json: unknown) => obey(readSmtpFault(json), smtp.misbehave), double: smtp }],
  ])

  const app = new Hono()
  app.get('/', (c) => c.json({ slack: slack.url, salesforce: salesforce.url, smtp: smtp.url }))
  app.get('/slack/messages', (c) => c.json(slack.messages))
  app.get('/slack/requests', (c) => c.json(slack.requests))
  app.get('/salesforce/records/:object', (c) => c.json(salesforce.records(c.req.param('object'))))
  app.get('/salesforce/requests', (c) => c.json(salesforce.requests))
  app.post('/salesforce/expire-sessions', (c) => {
    salesforce.expireSessions()
    return c.body(null, 204)
  })
  app.get('/mailbox', (c) => c.json(smtp.mailbox))
  app.get('/smtp/sessions', (c) => c.json(smtp.sessions))

  app.post('/:service/misbehave', async (c) => {
    const service = services.get(c.req.param('service'))
    if (service === undefined) return c.notFound()
    const handle = service.command(parseJson(await c.req.text()))
    if (typeof handle === 'string') return c.json({ error: handle }, 400)
    const id = String(handles.size + 1)
    handles.set(id, handle)
    return c.json({ id }, 201)
  })
  app.delete('/:service/misbehave', (c) => {
    const service = services.get(c.req.param('service'))
    if (service === undefined) return c.notFound()
    service.double.behave()
    return c.body(null, 204)
  })
  app.delete('/:service/misbehave/:id', (c) => {
    const handle = handles.get(c.req.param('id'))
    if (handle === undefined) return c.notFound()
    handle.stop()
    return c.body(null, 204)
  })
  app.post('/reset', (c) => {
    for (const double of [slack, salesforce, smtp]) double.reset()
    return c.body(null, 204)
  })
  return app
}

function obey<F>(reading: Reading<F>, misbehave: (fault: F) => FaultHandle): FaultHandle | string {
  return 'fault' in reading ? misbehave(reading.fault) : reading.problem
}
