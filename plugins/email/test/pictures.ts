// Takes the pictures of docs/connectors/email.md anew: node plugins/email/test/pictures.ts
// Needs Chromium, as Debian's package of that name; CHROMIUM names another program.
import { writeFile } from 'node:fs/promises'
import { connectPlugin, sampleEvent, testRun } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import email from '../src/index.ts'
import { openBrowser, type View } from './browser.ts'

const VIEWS: Readonly<Record<string, View>> = {
  'welcome-light': { width: 720, height: 270, scheme: 'light' },
  'welcome-dark': { width: 720, height: 270, scheme: 'dark' },
  'welcome-phone': { width: 390, height: 300, scheme: 'light', isPhone: true },
  'welcome-phone-dark': { width: 390, height: 300, scheme: 'dark', isPhone: true },
}

const connector = await connectPlugin(email, {
  server: 'smtp://localhost',
  from: 'Acme <hello@acme.com>',
  unsubscribe: { url: 'https://acme.com/unsubscribe?user={{ user.id }}' },
})
const event = sampleEvent({ user: { email: 'ada@example.com' } })
const preview = await connector.preview?.(event, testRun())
const { html } = await simpleParser(preview?.body ?? '')

await using browser = await openBrowser(process.env['CHROMIUM'])
for (const [name, view] of Object.entries(VIEWS)) {
  await writeFile(
    new URL(`../../../docs/images/${name}.png`, import.meta.url),
    await browser.shoot(html || '', view),
  )
}
