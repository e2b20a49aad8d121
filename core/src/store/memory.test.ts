import { describe, test } from 'vitest'
import { storeCases } from '../testing/store-cases.ts'
import { createMemoryStore } from './memory.ts'

describe('the store in memory', () => {
  const cases = storeCases(async () => {
    const store = createMemoryStore()
    return { store, reopen: async () => store }
  })
  for (const { name, run } of cases) test(name, run)
})
