import { describe, expect, test } from 'vitest'
import { auth0 } from './auth0.ts'
import { head } from './test-support.ts'

test.each([
  ['auth0', {}, 'source auth0: token: without a credential anybody may send registrations'],
  ['prod', { token: 'a b' }, 'source prod (auth0): token: write a token without spaces'],
  [
    'auth0',
    { basic: { username: 'a:b', password: 'p' } },
    'source auth0: basic.username: write a name without',
  ],
  ['auth0', { token: 't', tokn: 'hunter2' }, 'source auth0: Unrecognized key: "tokn"'],
])('a source %s of %j is refused by the field that is wrong', async (name, options, message) => {
  const refused = expect.objectContaining({
    code: 'options_invalid',
    message: expect.stringContaining(message),
  })
  await expect(auth0.connect(options, name)).rejects.toEqual(refused)
})

describe('the credentials', () => {
  const admit = async (options: object, headers: Readonly<Record<string, string>>) => {
    const [streams] = await auth0.connect(options, 'auth0')
    return streams?.admit(head(headers))
  }
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const ALL = {
    token: 'a-token',
    basic: { username: 'auth0', password: 'pass:word' },
    header: { name: 'X-Api-Key', value: 'key with spaces' },
  }

  test.each([
    { authorization: 'Bearer a-token' },
    { authorization: 'bearer a-token' },
    // As a log stream has it: the value of the header is the token.
    { authorization: 'a-token' },
    basic('auth0:pass:word'),
    { 'x-api-key': 'key with spaces' },
    { authorization: 'wrong', 'x-api-key': 'key with spaces' },
  ])('%j are let in', async (headers) => {
    expect(await admit(ALL, headers)).toBeUndefined()
  })

  test.each([
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer a-toke' },
    { authorization: 'Bearer a-token ' },
    { authorization: 'Basic a-token' },
    { authorization: 'Digest a-token' },
    basic('auth0:wrong'),
    basic('auth0'),
    { authorization: `Bearer ${Buffer.from('auth0:pass:word').toString('base64')}` },
    { 'x-api-key': '' },
    { 'x-api-key': 'key' },
  ])('%j are turned away with a 401 that repeats none of it', async (headers) => {
    const refusal = await admit(ALL, headers)
    expect(refusal).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(JSON.stringify(refusal)).not.toMatch(/a-tok|pass:word|key with/)
  })

  test('that are not configured let nobody in', async () => {
    expect(await admit({ token: 'a-token' }, basic('undefined:undefined'))).toMatchObject({ status: 401 })
    expect(await admit({ header: ALL.header }, { authorization: 'undefined' })).toMatchObject({ status: 401 })
  })

  test.each([{}, { tenant: 'acme' }])('must be among the options: %j', async (options) => {
    await expect(auth0.connect(options, 'auth0')).rejects.toMatchObject({ code: 'options_invalid' })
  })
})
