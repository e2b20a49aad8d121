import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DOT_ENV } from '../support/environment.ts'
import { createFolder } from '../support/folder.ts'
import { callProgram, ROOT, runNode } from '../support/program.ts'
import { ada } from '../support/registrations.ts'

test('config/schema.json and docs/configuration.md are what the schemas say', async () => {
  const { code, stderr } = await runNode(['app/scripts/generate-reference.ts', '--check'], { cwd: ROOT })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test.each([
  ['sandbox.yaml', ''],
  ['onsignup.yaml', DOT_ENV],
])('config/%s has no finding, and all three connectors would send', async (name, env) => {
  await using folder = await createFolder()
  await folder.write('.env', env)
  const file = await folder.write(name, await readFile(`${ROOT}/config/${name}`, 'utf8'))
  const registration = await folder.write('registration.json', JSON.stringify(ada))
  const { code, stdout, stderr } = await callProgram(['preview', registration, '--config', file])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.match(/^── \S+ · \S+/gm)).toEqual([
    '── team-slack · chat.postMessage',
    '── crm · PATCH',
    '── welcome · e-mail',
  ])
})
