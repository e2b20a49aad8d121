import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startSlack } from '@onsignup/sandbox'
import { createFolder } from '../support/folder.ts'
import { publish, statesOf } from '../support/http.ts'
import { runProgram, startService } from '../support/program.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const PLANTED = 'PlantedSecret4711'
// Connectors of one token would wait for each other.
const tokenOf = (index: number) => `xoxb-1-${index}-${PLANTED}`
const TOKEN = tokenOf(0)

/** Ways to fail, each of which a connector of its own meets. */
const FAULTS = [
  { kind: 'error', error: 'invalid_auth' },
  {
    kind: 'error',
    error: 'invalid_arguments',
    details: { response_metadata: { messages: [`bad ${TOKEN}`] } },
  },
  { kind: 'status', status: 500, body: `<html>Bearer ${TOKEN}</html>` },
  { kind: 'status', status: 200, body: `<html>Bearer ${TOKEN}</html>` },
  { kind: 'cut', at: 'mid-body' },
  { kind: 'redirect', to: `http://127.0.0.1:9/?token=${TOKEN}` },
  { kind: 'rate-limit', retryAfter: 60 },
] as const

test('a token and a webhook appear nowhere: not in a log, an error, a metric, a page, a preview or the store', async () => {
  await using folder = await createFolder()
  const cwd = folder.path
  const doubles = await Promise.all(FAULTS.map(() => startSlack()))
  for (const [index, fault] of FAULTS.entries()) doubles[index]?.misbehave(fault)
  const connectors = doubles.flatMap(({ url }, index) => {
    const webhook = `${new URL(url).origin}/services/T0/B0/${PLANTED}`
    return [
      `  token-${index}: { uses: slack, with: { api_url: '${url}', token: '${tokenOf(index)}', channel: C0000000001 } }`,
      `  webhook-${index}: { uses: slack, with: { webhook_url: '${webhook}' } }`,
    ]
  })
  await folder.write(
    'onsignup.yaml',
    `server: { port: 0 }\nstore: ./data/onsignup.db\nconnectors:\n${connectors.join('\n')}\n`,
  )
  await folder.write('ada.json', JSON.stringify(ada))
  try {
    const service = await startService(['--log-level', 'trace'], { cwd })
    const { url } = service
    const { id } = await publish(url, ada)
    await until('each was tried', async () => {
      const states = Object.values(await statesOf(url, id))
      return states.every((state) => state !== 'pending' && state !== 'running')
    })
    const pages = ['/', '/metrics', '/connectors', '/deliveries', `/events/${id}`, '/readyz']
    const said: string[] = []
    for (const page of pages) said.push(await (await fetch(url + page)).text())
    for (const args of [
      ['deliveries', '--url', url],
      ['connectors', '--url', url],
      ['preview', 'ada.json'],
      ['check'],
    ]) {
      const { stdout, stderr } = await runProgram(args, { cwd })
      said.push(stdout, stderr)
    }
    service.kill('SIGTERM')
    const { stdout, stderr } = await service.ended
    said.push(stdout, stderr)
    const files = await readdir(folder.at('data'))
    for (const file of files) said.push(await readFile(folder.at(`data/${file}`), 'latin1'))
    // It did say something of each.
    expect(said.join('\n')).toContain('token-3')
    expect(said.filter((text) => text.includes(PLANTED)).map((text) => text.slice(0, 500))).toEqual([])
  } finally {
    for (const double of doubles) await double.close()
  }
})

test.each([
  ['a token with a line break within', `{ token: "xoxb-1\\n${PLANTED}", channel: C0000000001 }`],
  [
    'a webhook with a line break within',
    `{ webhook_url: "https://hooks.slack.com/services/T0/B0/x\\n${PLANTED}" }`,
  ],
  ['what is no token', `{ token: ${PLANTED}, channel: C0000000001 }`],
])('%s is a mistake, and is not shown', async (_what, options) => {
  await using folder = await createFolder()
  await folder.write('onsignup.yaml', `connectors:\n  team: { uses: slack, with: ${options} }\n`)
  const { code, stdout, stderr } = await runProgram(['start'], { cwd: folder.path })
  expect([code, stdout + stderr]).toEqual([2, expect.not.stringContaining(PLANTED)])
  expect(stderr).toMatch(/with\.(token|webhook_url)/)
})
