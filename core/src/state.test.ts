import { describe, expect, test } from 'vitest'
import { createState } from './state.ts'
import { createMemoryStore } from './store/memory.ts'

const opened = async () => {
  const store = createMemoryStore()
  await store.open(0)
  return createState(store, { name: 'crm', uses: 'salesforce' })
}

describe('the state of a connector', () => {
  test('gives back what was set, and undefined for what was not or was deleted', async () => {
    const state = await opened()
    expect(await state.get('token')).toBeUndefined()
    await state.set('token', { value: 'x', until: 7, list: [null, true] })
    expect(await state.get('token')).toEqual({ value: 'x', until: 7, list: [null, true] })
    await state.delete('token')
    expect(await state.get('token')).toBeUndefined()
    await state.set('nothing', null)
    expect(await state.get('nothing')).toBeNull()
  })

  test.each(['', 'k'.repeat(257)])('refuses the key %j', async (key) => {
    const state = await opened()
    for (const refused of [state.get(key), state.set(key, 1), state.delete(key)]) {
      await expect(refused).rejects.toMatchObject({ code: 'state_invalid' })
    }
  })

  test('refuses what is larger than 500 kB, and what JSON cannot hold', async () => {
    const state = await opened()
    const nothing: unknown = undefined
    await state.set('large', 'x'.repeat(499_998))
    await expect(state.set('large', 'x'.repeat(499_999))).rejects.toMatchObject({
      code: 'state_invalid',
      message: 'the state large is larger than 500 kB',
    })
    await expect(Reflect.apply(state.set, state, ['none', nothing])).rejects.toMatchObject({
      message: 'the state none is nothing that JSON can hold',
    })
  })
})
