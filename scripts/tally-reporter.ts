import type { Reporter, TestModule } from 'vitest/node'

const count = (modules: readonly TestModule[], state: 'passed' | 'failed' | 'skipped'): number =>
  modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0)

// A file that does not load and a failing beforeAll have no failed test, yet something failed.
const failedOutsideTests = (modules: readonly TestModule[]): number =>
  modules.filter((module) => !module.ok() && count([module], 'failed') === 0).length

/** Why tests said that they were left out, each reason once and how often. */
const reasons = (modules: readonly TestModule[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const module of modules) {
    for (const test of module.children.allTests('skipped')) {
      const result = test.result()
      const note = ('note' in result && result.note) || undefined
      if (note !== undefined) counts.set(note, (counts.get(note) ?? 0) + 1)
    }
  }
  return [...counts].map(([note, times]) => `${times} left out: ${note}`)
}

/** Ends a test run with why tests were left out, and one plain line: `tests: 612 passed, 0 failed, 0 skipped`. */
export const tally: Reporter = {
  onTestRunEnd(modules, errors) {
    for (const reason of reasons(modules)) process.stdout.write(`${reason}\n`)
    const failed = count(modules, 'failed') + failedOutsideTests(modules) + errors.length
    process.stdout.write(
      `tests: ${count(modules, 'passed')} passed, ${failed} failed, ${count(modules, 'skipped')} skipped\n`,
    )
  },
}
