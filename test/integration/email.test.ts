import { createTestClock } from '@onsignup/core/testing'
import { startSmtp } from '@onsignup/sandbox'
import { CLOCK } from 'onsignup/compose'
import { describe, expect, test } from 'vitest'
import { composeFile } from '../support/composed.ts'
import { ada } from '../support/registrations.ts'
import { until } from '../support/until.ts'

const yaml = (server: string, more = '') => `
connectors:
  welcome:
    uses: email
    with:
      server: ${server}
      from: 'Acme <hello@acme.example>'
      subject: 'Welcome, {{ user.givenName }}'
      text: 'Hello {{ user.givenName }} of {{ user.user_metadata.company }}'
      html: '<p>Hello {{ user.givenName }} of {{ user.user_metadata.company }}</p>'
      ${more}
    retry: { initial: 1ms }
`

describe('from the YAML to a mailbox', () => {
  test('one mail goes to the one user, as text and as HTML, each escaped for its place', async () => {
    const smtp = await startSmtp({ user: 'hello', password: 'the-password' })
    await using program = await composeFile(yaml(smtp.url, 'user: hello\n      password: the-password'))
    const { id } = await program.publish(ada)
    await program.idle()
    expect(smtp.mailbox).toEqual([
      expect.objectContaining({
        envelope: { from: 'hello@acme.example', to: ['ada@example.com'] },
        subject: 'Welcome, Ada',
        text: 'Hello Ada of Analytical & Sons',
        html: '<p>Hello Ada of Analytical &amp; Sons</p>',
      }),
    ])
    expect(smtp.sessions).toMatchObject([{ user: 'hello' }])
    expect((await program.deliveries(id))['welcome']).toMatchObject({ state: 'delivered' })
    await smtp.close()
  })

  test('a greylisted one is tried again, not before the server may take it', async () => {
    const smtp = await startSmtp()
    const clock = createTestClock()
    smtp.misbehave({ kind: 'greylist', times: 1 })
    await using program = await composeFile(yaml(smtp.url), (container) =>
      container.replace(CLOCK, () => clock),
    )
    const { id } = await program.publish(ada)
    await program.idle()
    const { welcome: waiting } = await program.deliveries(id)
    expect(waiting?.attempts.map(({ outcome }) => outcome)).toEqual(['retry'])
    expect(waiting?.due).toBeGreaterThanOrEqual(clock.now() + 60_000)
    await clock.advance((waiting?.due ?? 0) - clock.now())
    await program.idle()
    expect((await program.deliveries(id))['welcome']?.state).toBe('delivered')
    expect(smtp.mailbox).toHaveLength(1)
    await smtp.close()
  })

  test('one whose answer was lost is repeated once, under the same Message-ID', async () => {
    const smtp = await startSmtp()
    smtp.misbehave({ kind: 'cut-after-dot', times: 1, afterEffect: true })
    await using program = await composeFile(yaml(smtp.url))
    const { id } = await program.publish(ada)
    await until('the repeat is there', () => smtp.mailbox.length === 2)
    await program.idle()
    const { welcome } = await program.deliveries(id)
    expect(welcome?.attempts.map(({ outcome }) => outcome)).toEqual(['unknown', 'delivered'])
    expect(new Set(smtp.mailbox.map(({ messageId }) => messageId)).size).toBe(1)
    await smtp.close()
  })

  test('a server that takes nobody from here parks the connector, and the reason shows no password', async () => {
    const smtp = await startSmtp({ user: 'hello', password: 'the-password' })
    await using program = await composeFile(yaml(smtp.url, 'user: hello\n      password: not-the-password'))
    const { id } = await program.publish(ada)
    await program.idle()
    const { welcome } = await program.deliveries(id)
    expect(welcome).toMatchObject({ state: 'parked', attempts: [{ outcome: 'misconfigured' }] })
    expect(JSON.stringify(welcome)).not.toContain('not-the-password')
    expect(smtp.mailbox).toEqual([])
    await smtp.close()
  })

  test('two users in one registration are one recipient at most', async () => {
    const smtp = await startSmtp()
    await using program = await composeFile(yaml(smtp.url))
    const { id } = await program.publish({ user: { id: 'x', email: 'ada@example.com, eve@example.com' } })
    await program.idle()
    expect((await program.deliveries(id))['welcome']).toMatchObject({ state: 'dead' })
    expect(smtp.mailbox).toEqual([])
    await smtp.close()
  })
})
