import { defineConfig } from 'vitest/config'
import { tally } from './scripts/tally-reporter.ts'

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'plugins/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', tally],
    // By itself vitest leaves one core to others, which on two is half of them.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 30_000,
  },
})
