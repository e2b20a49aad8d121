import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSandbox } from './sandbox.ts'
import type { Sandbox } from './sandbox.ts'

describe('the control surface', () => {
  let sandbox: Sandbox
  beforeEach(async () => void (sandbox = await startSandbox()))
  afterEach(() => sandbox.close())

  const control = (method: string, path: string, body?: unknown) =>
    fetch(sandbox.control.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const read = async (path: string): Promise<unknown> => (await control('GET', path)).json()
  const post = async () => {
    const response = await fetch(`${sandbox.slack.url}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.slack.token}` },
      body: new URLSearchParams({ channel: 'C0000000001', text: 'hi' }),
    })
    return response.json()
  }

  test('tells where the doubles are and what they hold', async () => {
    await post()
    const { slack, salesforce, smtp } = sandbox
    expect(await read('/')).toEqual({ slack: slack.url, salesforce: salesforce.url, smtp: smtp.url })
    expect(await read('/slack/messages')).toMatchObject([{ channel: 'C0000000001', text: 'hi' }])
    expect(await read('/slack/requests')).toMatchObject([{ path: '/api/chat.postMessage' }])
    expect(await read('/salesforce/records/Lead')).toEqual([])
    expect(await read('/mailbox')).toEqual([])
  })

  test('commands a fault, ends one, and ends all', async () => {
    const fault = { kind: 'error', error: 'fatal_error' }
    const commanded = await control('POST', '/slack/misbehave', fault)
    expect([commanded.status, await commanded.json()]).toEqual([201, { id: '1' }])
    expect(await post()).toMatchObject({ error: 'fatal_error' })
    expect((await control('DELETE', '/slack/misbehave/1')).status).toBe(204)
    expect(await post()).toMatchObject({ ok: true })
    await control('POST', '/slack/misbehave', fault)
    await control('DELETE', '/slack/misbehave')
    expect(await post()).toMatchObject({ ok: true })
  })

  test.each([
    ['slack', { kind: 'nope' }, 'kind must be one of status, rate-limit'],
    ['slack', { kind: 'cut' }, 'at must be before-headers or mid-body'],
    ['slack', { kind: 'status', status: 1 }, 'status must be an HTTP status'],
    ['salesforce', { kind: 'record-error' }, 'statusCode must be a string'],
    ['smtp', { kind: 'reject', tmes: 1 }, 'tmes is unknown'],
    ['smtp', 'reject', 'a fault is an object'],
  ])('refuses a fault that %s does not know: %j', async (service, fault, problem) => {
    const response = await control('POST', `/${service}/misbehave`, fault)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining(problem) })
  })

  test('knows only the three services', async () => {
    expect((await control('POST', '/teams/misbehave', { kind: 'hang' })).status).toBe(404)
  })

  test('resets everything', async () => {
    await post()
    await control('POST', '/slack/misbehave', { kind: 'hang' })
    expect((await control('POST', '/reset')).status).toBe(204)
    expect(await read('/slack/messages')).toEqual([])
    expect(await post()).toMatchObject({ ok: true })
  })
})

test('a sandbox that cannot start leaves nothing running', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  const taken = portOf(blocker)
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const slackPort = portOf(probe)
  probe.close()
  await once(probe, 'close')
  await expect(startSandbox({ slackPort, smtpPort: taken })).rejects.toThrow('EADDRINUSE')
  await expect(fetch(`http://127.0.0.1:${slackPort}/`)).rejects.toThrow(/fetch failed/)
  blocker.close()
})

describe('the program', () => {
  const run = (...args: string[]) => {
    return spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }
  const anyPorts = ['slack', 'salesforce', 'smtp', 'control'].flatMap((name) => [`--${name}-port`, '0'])

  test.each(['SIGINT', 'SIGTERM'] as const)('prints the addresses and ends well on %s', async (signal) => {
    const child = run(...anyPorts)
    const exited = once(child, 'exit')
    let printed = ''
    for await (const chunk of child.stdout) {
      printed += String(chunk)
      if (printed.includes('control') && printed.endsWith('\n')) break
    }
    expect(printed).toMatch(/slack +http:\/\/127\.0\.0\.1:\d+\/api\//)
    expect(printed).toMatch(/smtp +smtp:\/\/127\.0\.0\.1:\d+/)
    child.kill(signal)
    expect(await exited).toEqual([0, null])
  })

  test('names the option it cannot read', async () => {
    const child = run('--slack-port', 'x')
    const exited = once(child, 'exit')
    let said = ''
    for await (const chunk of child.stderr) said += String(chunk)
    expect(await exited).toEqual([1, null])
    expect(said).toContain('--slack-port must be a port from 0 to 65535, not "x"')
  })
})

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}
