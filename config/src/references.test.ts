import { describe, expect, test } from 'vitest'
import { expand } from './references.ts'

const env = { HOST: 'acme.example', EMPTY: '', PORT: '25' }
const text = (source: string) => expand(source, env).text
const problems = (source: string) => expand(source, env).problems

describe('a reference', () => {
  test('is replaced by its variable, inside longer text too', () => {
    expect(text('smtp://${HOST}:${PORT}/')).toBe('smtp://acme.example:25/')
  })

  test('may be to a variable that is set but empty', () => {
    expect(expand('${EMPTY}', env)).toEqual({
      text: '',
      variables: [{ name: 'EMPTY', value: '' }],
      problems: [],
    })
  })

  test('takes its default when the variable is unset or empty', () => {
    expect([text('${NOPE:-a}'), text('${EMPTY:-b}'), text('${HOST:-c}'), text('${NOPE:-}')]).toEqual([
      'a',
      'b',
      'acme.example',
      '',
    ])
  })

  test('may stand in a default', () => {
    expect(text('${NOPE:-http://${HOST}/${NADA:-x}}!')).toBe('http://acme.example/x!')
  })

  test('remembers the variables that it took, but no default', () => {
    expect(expand('${HOST}${NOPE:-d}', env).variables).toEqual([{ name: 'HOST', value: 'acme.example' }])
  })

  test('that says $${ is a literal', () => {
    expect(expand('$${HOST} $$ $HOST {HOST} $', env)).toEqual({
      text: '${HOST} $$ $HOST {HOST} $',
      variables: [],
      problems: [],
    })
  })

  test('is not looked for in what a variable holds', () => {
    expect(expand('${A}', { A: '${B}' }).text).toBe('${B}')
  })

  test('to an unset variable is a problem that names it', () => {
    expect(problems('${NOPE}')).toEqual([
      { message: 'NOPE is not set', mend: 'set NOPE in the environment or in .env beside the file' },
    ])
  })

  test('with a message says it when the variable is unset or empty', () => {
    expect(
      problems('${NOPE:?as https://x}${EMPTY:?fill it}${HOST:?no}').map(({ message }) => message),
    ).toEqual(['NOPE is not set: as https://x', 'EMPTY is empty: fill it'])
  })

  test.each(['${', '${}', '${1A}', '${ secrets.X }', '${HOST', '${{ user.email }}'])(
    'that cannot be read is a problem: %s',
    (source) => {
      expect(problems(source)).toHaveLength(1)
    },
  )

  test('that cannot be read is shown without what may be a secret', () => {
    const [problem] = problems('${TOKEN-xoxb-secret}')
    expect(problem?.message).toBe('the reference to TOKEN cannot be read')
    expect(problem?.mend).toBe(
      'write ${TOKEN}, ${NAME:-default} or ${NAME:?message}; for a literal ${ write $${',
    )
  })
})
