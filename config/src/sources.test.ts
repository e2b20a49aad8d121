import { describe, expect, test } from 'vitest'
import { linesOf, load } from './test-support.ts'

const file = (...lines: readonly string[]): string =>
  ['sources:', ...lines.map((line) => `  ${line}`), 'connectors: {}', ''].join('\n')

const sources = async (...lines: readonly string[]) =>
  (await load(file(...lines), { env: { TOKEN: 'from-the-environment', KEYS: '3' } })).sources

describe('a source', () => {
  test('is of the provider that it is named after', async () => {
    expect(await sources('idp: { token: written }')).toEqual([
      { name: 'idp', uses: 'idp', options: { token: 'written' } },
    ])
  })

  test('names the provider that it uses where its name is another, and there may be many', async () => {
    expect(await sources('idp: { token: abcd }', 'prod-idp: { uses: idp, token: efgh }')).toMatchObject([
      { name: 'idp', uses: 'idp' },
      { name: 'prod-idp', uses: 'idp', options: { token: 'efgh' } },
    ])
  })

  test('takes its options from the environment, typed', async () => {
    const [source] = await sources('idp: { token: "${TOKEN}", keys: "${KEYS}" }')
    expect(source?.options).toEqual({ token: 'from-the-environment', keys: 3 })
  })

  test('keeps its secrets among those that are never shown', async () => {
    const { secrets } = await load(file('idp: { token: "a-${TOKEN}" }'), { env: { TOKEN: 'hidden-one' } })
    expect(secrets).toEqual(['a-hidden-one', 'hidden-one'])
  })
})

describe('a mistake in a source', () => {
  test.each([
    [
      'a provider that is not known',
      ['okta: { token: abcd }'],
      ['2:3  sources.okta  there is no source for okta  → write idp, or add uses: with the provider'],
    ],
    [
      'one that `uses` names',
      ['prod: { uses: okta, token: abcd }'],
      ['2:17  sources.prod.uses  there is no source for okta  → write idp'],
    ],
    [
      'a `uses` that is no text',
      ['prod: { uses: [idp], token: abcd }'],
      ['2:11  sources.prod.uses  expected text, found a list  → write it as auth0'],
    ],
    ['no credential', ['idp: {}'], ['2:3  sources.idp.token  everybody may send  → set token']],
    ['nothing at all', ['idp:'], ['2:3  sources.idp.token  everybody may send  → set token']],
    [
      'a source that is no mapping',
      ['idp: abcd'],
      ['2:8  sources.idp  expected a mapping, found the value  → write a mapping'],
    ],
    [
      'an option that it does not have',
      ['idp: { token: abcd, kees: 1 }'],
      ['2:23  sources.idp.kees  unknown key kees  → write keys'],
    ],
    [
      'a wrong name',
      ['Idp: { uses: idp, token: abcd }'],
      [
        '2:3  sources.Idp  Idp is no name for a source  → write a small letter, then at most 62 small letters, digits, - and _',
      ],
    ],
  ])('is told: %s', async (_what, lines, found) => {
    const expected = found.map((line) => `onsignup.yaml:${line}`)
    expect(await linesOf(file(...lines))).toEqual(expected)
  })

  test('never shows a secret', async () => {
    const [line] = await linesOf(file('idp: { token: "${TOKEN}" }'), { env: { TOKEN: 'abc' } })
    expect(line).toContain('write a longer token')
    expect(line).not.toContain('abc')
  })
})
