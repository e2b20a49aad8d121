import { sampleEvent } from '@onsignup/core/testing'
import { describe, expect, test } from 'vitest'
import { canonicalLanguage, languageFor } from './language.ts'

const available = new Set(['en', 'de', 'pt', 'zh-Hant', 'de-CH'])

const chosen = (locale: string | null, requestLanguage: string | null = null) =>
  languageFor(sampleEvent({ user: { locale }, context: { requestLanguage } }), available)

describe('the language of a user', () => {
  test.each([
    ['de', 'de'],
    ['DE-at', 'de'],
    ['de_AT', 'de'],
    ['de_AT.UTF-8', 'de'],
    ['de-CH-1996', 'de-CH'],
    ['pt-BR', 'pt'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['de-a-value', 'de'],
    ['en-GB', 'en'],
  ])('is looked up: %s is read as %s', (locale, language) => {
    expect(chosen(locale)).toBe(language)
  })

  test.each([
    'fr',
    'zh',
    'C',
    '*',
    '',
    'constructor',
    '__proto__',
    '../../etc/passwd',
    '💥',
    'x'.repeat(5_000),
  ])('%j has no version of its own', (locale) => {
    expect(chosen(locale)).toBeUndefined()
  })

  test('is that of the sign-up request when the user has none that is there', () => {
    expect(chosen(null, 'de-AT')).toBe('de')
    expect(chosen('fr', 'de-AT')).toBe('de')
    expect(chosen('pt', 'de-AT')).toBe('pt')
    expect(chosen(null, null)).toBeUndefined()
  })

  test('is the dearest of an Accept-Language list', () => {
    expect(chosen(null, 'fr-CH, en;q=0.4, pt-BR;q=0.9, *;q=0.1')).toBe('pt')
    expect(chosen(null, 'de;q=0, en')).toBe('en')
  })
})

test('a tag has one spelling', () => {
  expect(['pt_br', 'PT-br', ' pt-BR '].map(canonicalLanguage)).toEqual(['pt-BR', 'pt-BR', 'pt-BR'])
  expect(['', 'deutsch-', 'no tag', 'a/b'].map(canonicalLanguage)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
