import { expect, test } from 'vitest'
import { Container, token } from './container.ts'

interface Named {
  readonly name: string
}

const A = token<Named>('a')
const B = token<Named>('b')
const C = token<Named>('c')
const LIST = token<Named>('list')

const made = (name: string) => (): Named => ({ name })

test('a second registration of the same part is refused', () => {
  const container = new Container().provide(A, made('one'))
  expect(() => container.provide(A, made('two'))).toThrow(
    expect.objectContaining({ code: 'container_duplicate', message: 'a is registered already' }),
  )
})

test('two tokens of the same name are two parts', async () => {
  const container = new Container().provide(A, made('one')).provide(token<Named>('a'), made('two'))
  expect(await container.get(A)).toEqual({ name: 'one' })
})

test('a factory runs once, whoever asks and however many ask at the same time', async () => {
  let runs = 0
  const container = new Container()
    .provide(A, async () => {
      runs += 1
      await Promise.resolve()
      return { name: 'a' }
    })
    .provide(B, (parts) => parts.get(A))
    .provide(C, (parts) => parts.get(A))
  const [a, b, c] = await Promise.all([container.get(A), container.get(B), container.get(C)])
  expect(runs).toBe(1)
  expect(b).toBe(a)
  expect(c).toBe(a)
})

test('nothing is made before it is asked for', () => {
  let runs = 0
  new Container().provide(A, () => {
    runs += 1
    return { name: 'a' }
  })
  expect(runs).toBe(0)
})

test('a circle is named by its path', async () => {
  const container = new Container()
    .provide(A, (parts) => parts.get(B))
    .provide(B, (parts) => parts.get(C))
    .provide(C, (parts) => parts.get(A))
  await expect(container.get(A)).rejects.toMatchObject({
    code: 'container_circle',
    message: 'parts need each other: a → b → c → a',
  })
})

test('a circle through a list is a circle too', async () => {
  const container = new Container()
    .add(LIST, (parts) => parts.get(A))
    .provide(A, async (parts) => (await parts.all(LIST))[0] ?? { name: 'none' })
  await expect(container.get(A)).rejects.toMatchObject({ message: 'parts need each other: a → list → a' })
})

test('a missing part is named by the path that led there', async () => {
  const container = new Container().provide(A, (parts) => parts.get(B)).provide(B, (parts) => parts.get(C))
  await expect(container.get(A)).rejects.toMatchObject({
    code: 'container_missing',
    message: 'a → b → c: c is not registered',
  })
})

test('a list of none is empty, and one of many is in the order of its registration', async () => {
  const container = new Container()
  expect(await container.all(LIST)).toEqual([])
  container.add(LIST, made('one')).add(LIST, made('two'))
  expect(await container.all(LIST)).toEqual([{ name: 'one' }, { name: 'two' }])
})

test('a replacement is what everybody gets, and what it replaces is never made', async () => {
  let real = 0
  const container = new Container()
    .provide(A, () => {
      real += 1
      return { name: 'real' }
    })
    .provide(B, (parts) => parts.get(A))
    .replace(A, made('fake'))
  await container.open()
  expect(await container.get(B)).toEqual({ name: 'fake' })
  expect(real).toBe(0)
})

test('replacing a part that is not registered is refused', () => {
  expect(() => new Container().replace(A, made('fake'))).toThrow(
    expect.objectContaining({ code: 'container_missing' }),
  )
})

test('parts open in the order of their making and close in reverse', async () => {
  const seen: string[] = []
  const lifecycle = {
    open: ({ name }: Named) => void seen.push(`open ${name}`),
    close: ({ name }: Named) => void seen.push(`close ${name}`),
  }
  const container = new Container()
    .provide(
      A,
      async (parts) => {
        await parts.get(B)
        return { name: 'a' }
      },
      lifecycle,
    )
    .provide(B, made('b'), lifecycle)
    .add(LIST, made('one'), lifecycle)
    .add(LIST, made('two'), lifecycle)
  await container.open()
  await container.close()
  expect(seen).toEqual([
    ...['b', 'a', 'one', 'two'].map((name) => `open ${name}`),
    ...['two', 'one', 'a', 'b'].map((name) => `close ${name}`),
  ])
})

test('closing goes on after a failure, which is then thrown', async () => {
  const closed: string[] = []
  const container = new Container()
    .provide(A, made('a'), { close: () => void closed.push('a') })
    .provide(B, made('b'), {
      close() {
        throw new Error('b does not close')
      },
    })
    .provide(C, made('c'), { close: () => void closed.push('c') })
  await container.open()
  await expect(container.close()).rejects.toThrow('b does not close')
  expect(closed).toEqual(['c', 'a'])
  await expect(container.close()).resolves.toBeUndefined()
})

test('what did not come to open is not closed', async () => {
  const closed: string[] = []
  const container = new Container()
    .provide(A, made('a'), { close: () => void closed.push('a') })
    .provide(B, made('b'), {
      open: () => Promise.reject(new Error('b does not open')),
      close: () => void closed.push('b'),
    })
    .provide(C, made('c'), { close: () => void closed.push('c') })
  await expect(container.open()).rejects.toThrow('b does not open')
  await container.close()
  expect(closed, 'b may have half opened, so it is closed; c had not begun to').toEqual(['b', 'a'])
})

test('a factory that fails tells everybody the same', async () => {
  const container = new Container().provide(A, () => Promise.reject(new Error('no such file')))
  await expect(container.get(A)).rejects.toThrow('no such file')
  await expect(container.open()).rejects.toThrow('no such file')
})
