import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { runProgram, startService } from '../support/program.ts'
import { ada } from '../support/registrations.ts'

/** Scripts that need no modules, so that no registry is asked. */
const EXPORT = {
  'tenant.yaml': `hooks:
  - name: Tell the CRM
    script: ./hooks/crm.js
    enabled: true
    secrets: { CRM_URL: _VALUE_NOT_SHOWN_, crm-key: _VALUE_NOT_SHOWN_ }
    triggerId: post-user-registration
  - name: old
    script: ./hooks/old.js
    enabled: false
    triggerId: post-user-registration
actions:
  - name: Tell Slack
    code: ./actions/Tell Slack/code.js
    deployed: true
    secrets: [{ name: SLACK_URL, value: _VALUE_NOT_SHOWN_ }]
    supported_triggers: [{ id: post-user-registration, version: v2 }]
triggers:
  post-user-registration: [{ action_name: Tell Slack, display_name: Tell Slack }]
`,
  'hooks/crm.js': `const http = require('http')

module.exports = function (user, context, cb) {
  const { secrets } = context.webtask
  const headers = { authorization: secrets['crm-key'] }
  http.request(secrets.CRM_URL, { method: 'POST', headers }, (answer) => answer.resume()).end(user.email)
  cb()
}
`,
  'hooks/old.js': 'module.exports = (user, context, cb) => cb(new Error("never again"))\n',
  'actions/Tell Slack/code.js': `exports.onExecutePostUserRegistration = async (event) => {
  await fetch(event.secrets.SLACK_URL, { method: 'POST', body: event.user.email })
}
`,
}

let server: Server
let url: string
let heard: string[]

beforeEach(async () => {
  heard = []
  server = createServer(async (request, response) => {
    heard.push(`${request.url} ${request.headers.authorization ?? ''} ${await text(request)}`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it does not listen')
  url = `http://127.0.0.1:${address.port}`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

test('what is imported passes check once its secrets are set, and runs on the next registration', async () => {
  await using folder = await createFolder()
  for (const [name, content] of Object.entries(EXPORT)) await folder.write(`export/${name}`, content)
  const imported = await runProgram(['import', 'auth0', 'export'], { cwd: folder.path })
  expect(imported.code).toBe(0)

  const without = await runProgram(['check'], { cwd: folder.path })
  expect(without.code).toBe(2)
  expect(without.stderr.match(/^\S+ {2}connectors\.\S+ {2}\w+ is not set/gm)).toHaveLength(3)

  await folder.write('.env', `CRM_URL=${url}/crm\ncrm_key=the-key\nSLACK_URL=${url}/slack\n`)
  const checked = await runProgram(['check'], { cwd: folder.path })
  expect({ code: checked.code, stderr: checked.stderr }).toEqual({ code: 0, stderr: '' })

  const registration = await folder.write('ada.json', JSON.stringify(ada))
  const service = await startService(['--port', '0'], { cwd: folder.path })
  const sent = await runProgram(['send', registration, '--wait', '--url', service.url], { cwd: folder.path })
  service.kill('SIGTERM')
  await service.ended
  expect(sent.stdout).toMatch(/ {2}delivered {2}tell-the-crm.*\n {2}delivered {2}tell-slack/)
  expect(sent.stdout).not.toContain('old')
  expect(heard.toSorted()).toEqual([`/crm the-key ${ada.user.email}`, `/slack  ${ada.user.email}`])
})
