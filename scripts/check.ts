import { PNPM, succeeds, timed } from './run.ts'

// The quick ones first; the last is the README's own test command.
const STEPS: Readonly<Record<string, readonly string[]>> = {
  format: ['run', 'format:check'],
  lint: ['run', 'lint'],
  types: ['run', 'types'],
  knip: ['run', 'knip'],
  schema: ['run', 'schema', '--check'],
  test: ['run', 'test'],
}

for (const [name, args] of Object.entries(STEPS)) {
  if (await timed(name, () => succeeds([...PNPM, ...args]))) continue
  process.stderr.write(`\ncheck: ${name} failed; alone: pnpm ${args.join(' ')}\n`)
  process.exitCode = 1
  break
}
