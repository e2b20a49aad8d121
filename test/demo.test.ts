import { expect, test } from 'vitest'
import { ROOT, runNode } from './support/program.ts'

test('the demo shows a sign-up arrive in Slack, in Salesforce and in a mailbox, and exits 0', async () => {
  const { code, stdout } = await runNode(['scripts/demo.ts', '--once'], { cwd: ROOT })
  expect(code).toBe(0)
  for (const connector of ['team-slack', 'crm', 'welcome']) {
    expect(stdout).toMatch(new RegExp(`^ {2}delivered {2}${connector} `, 'm'))
  }
  expect(stdout).toContain('#signups\n    New sign-up: user1@foo.com')
  expect(stdout).toContain('"Email": "user1@foo.com"')
  expect(stdout).toContain('To: user1@foo.com\n    Subject: Welcome, there')
  expect(stdout).not.toContain('nothing arrived')
})
