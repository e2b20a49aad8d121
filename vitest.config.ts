import { defineConfig } from 'vitest/config'
import { tally } from './scripts/tally-reporter.ts'

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'plugins/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', tally],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
