import type { Reporter, TestModule } from 'vitest/node'

const count = (modules: readonly TestModule[], state: 'passed' | 'failed' | 'skipped'): number =>
  modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0)

// A file that does not load and a failing beforeAll have no failed test, yet something failed.
const failedOutsideTests = (modules: readonly TestModule[]): number =>
  modules.filter((module) => !module.ok() && count([module], 'failed') === 0).length

/** Ends a test run with one plain line: `tests: 612 passed, 0 failed, 0 skipped`. */
export const tally: Reporter = {
  onTestRunEnd(modules, errors) {
    const failed = count(modules, 'failed') + failedOutsideTests(modules) + errors.length
    process.stdout.write(
      `tests: ${count(modules, 'passed')} passed, ${failed} failed, ${count(modules, 'skipped')} skipped\n`,
    )
  },
}
