import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connectPlugin, sampleEvent, testRun, testServices } from '@onsignup/core/testing'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import email from './index.ts'
import { compileMjml } from './mjml.ts'

let root: string
let folder: string

const write = (name: string, text: string) => writeFile(join(folder, name), text)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'onsignup-mjml-'))
  folder = join(root, 'config')
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  const installed = dirname(createRequire(import.meta.url).resolve('mjml/package.json'))
  await symlink(installed, join(folder, 'node_modules/mjml'))
  await writeFile(join(root, 'secret.mjml'), '<mj-text>geheim</mj-text>')
})

afterAll(() => rm(root, { recursive: true }))

const page = (body: string, head = '') =>
  `<mjml lang="en"><mj-head><mj-preview>For {{ user.givenName }}</mj-preview>${head}</mj-head>` +
  `<mj-body><mj-section><mj-column>${body}</mj-column></mj-section></mj-body></mjml>`

const compile = (source: string) => compileMjml(source, './welcome.mjml', folder)

describe('a template in MJML', () => {
  test('is sent as HTML, its Liquid run and its values escaped', async () => {
    const source = page(
      '<mj-text>{% if user.givenName and user.id != "1" %}Hello {{ user.givenName | upcase }}{% else %}Hello{% endif %}</mj-text>' +
        '<mj-raw>{% if user.emailVerified == true %}</mj-raw><mj-button href="https://acme.com/?u={{ user.id }}&amp;x=1">Start</mj-button><mj-raw>{% endif %}</mj-raw>',
    )
    await write('welcome.mjml', source)
    const connector = await connectPlugin(
      email,
      { server: 'smtp://localhost', from: 'hello@acme.com', subject: 'S', html_file: './welcome.mjml' },
      testServices({ folder, files: { read: async () => source } }),
    )
    const event = sampleEvent({ user: { givenName: 'A<b>"' } })
    const preview = await connector.preview?.(event, testRun())
    const { html, text } = await simpleParser(preview?.body ?? '')
    expect(html).toContain('Hello A&lt;B&gt;&quot;')
    expect(html).toContain('For A&lt;b&gt;&quot;')
    expect(html).toMatch(/href="https:\/\/acme\.com\/\?u=auth0\|\w+&amp;x=1"/)
    expect(html).not.toMatch(/\{\{|\{%|<mj-|fonts\.googleapis/)
    expect(html).toContain('<!--[if mso')
    expect(text).toContain('Hello A<B>"')
  })

  test('may include what is in its folder', async () => {
    await write('part.mjml', '<mj-text>from a part, {{ user.id }}</mj-text>')
    expect(await compile(page('<mj-include path="./part.mjml" />'))).toContain('from a part, {{ user.id }}')
  })

  test.each([
    ['above it', '../secret.mjml'],
    ['by an absolute path', '/etc/passwd'],
    ['by an encoded path', '..%2fsecret.mjml'],
    ['through a link', './link.mjml'],
  ])('may not include what is %s', async (_where, path) => {
    await symlink(join(root, 'secret.mjml'), join(folder, 'link.mjml')).catch(() => {})
    await write('welcome.mjml', '')
    const include = `<mj-include path="${path}" />`
    for (const source of [page(include), page('', include), page(include.replace(' />', ' type="css" />'))]) {
      await expect(compile(source)).rejects.toThrow(
        './welcome.mjml includes what is not there, or not in the folder of ./welcome.mjml',
      )
    }
  })

  test.each([
    ['an element that is not known', page('<mj-txt>x</mj-txt>'), 'mj-txt'],
    ['no MJML', 'hello', 'no MJML'],
  ])('that holds %s is refused at the start, with the place', async (_what, source, reason) => {
    await write('welcome.mjml', source)
    await expect(compile(source)).rejects.toThrow(reason)
  })
})

describe('without an mjml that can be used', () => {
  const compileIn = async (name: string, version: string, files: Readonly<Record<string, string>>) => {
    const other = join(root, name)
    const installed = join(other, 'node_modules/mjml')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'package.json'), JSON.stringify({ name: 'mjml', version }))
    for (const [file, text] of Object.entries(files)) await writeFile(join(installed, file), text)
    return compileMjml(page(''), './welcome.mjml', other)
  }

  test('the start says how to install it', async () => {
    await expect(compileIn('none', '5.0.0', {})).rejects.toThrow(
      './welcome.mjml needs mjml, which is not there: run npm install mjml@5 in its folder',
    )
  })

  test('the start says that an old one reads any file', async () => {
    await expect(compileIn('old', '4.16.0', { 'index.js': 'module.exports = () => {}' })).rejects.toThrow(
      './welcome.mjml needs mjml 5 or later, not 4.16.0',
    )
  })
})
