import { expect, test } from 'vitest'
import { html, oneLine, plain } from './escape.ts'
import { plainText } from './plain-text.ts'

test('HTML becomes readable text: paragraphs, breaks, lists and links stay, the rest goes', () => {
  const text = plainText(`<!doctype html><html><head><title>No</title><style>p{color:red}</style></head><body>
    <!-- no --><h1>Welcome,
    Ada</h1><p>Read <a class="b" href="https://acme.com/start">the <b>guide</b></a><br>or write to
    <a href='mailto:help@acme.com'>help@acme.com</a>.</p><ul><li>one</li><li>two</li></ul>
    <script>alert(1)</script><p>Tom &amp; Jerry &#8364;5 &#x1F600; &lt;3 &unknown;</p></body></html>`)
  expect(text).toBe(
    [
      'Welcome, Ada',
      '',
      'Read the guide (https://acme.com/start)',
      'or write to help@acme.com.',
      '',
      '- one',
      '- two',
      '',
      'Tom & Jerry €5 😀 <3 &unknown;',
    ].join('\n'),
  )
})

test('an entity cannot bring back what escaping took away', () => {
  expect(plainText('<p>&#0;&#13;&#xD800;&amp;lt;b&amp;gt;</p>')).toBe('&lt;b&gt;')
})

test('hostile HTML takes no time', () => {
  const started = performance.now()
  plainText(
    `${'<a href="'.repeat(5_000)}${'<!--'.repeat(5_000)}${'<style '.repeat(5_000)}${'<'.repeat(20_000)}`,
  )
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('a value is put on one line, loses its controls, and is escaped where HTML is', () => {
  const value = 'A\r\nBcc: <evil@x.example>\u0007\u202E "&\' \uD800'
  expect(oneLine(value)).toBe('A Bcc: <evil@x.example> "&\' \uFFFD')
  expect(plain(value)).toBe('A\nBcc: <evil@x.example> "&\' \uFFFD')
  expect(html(value)).toBe('A\nBcc: &lt;evil@x.example&gt; &quot;&amp;&#39; \uFFFD')
})
