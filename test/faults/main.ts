import { parseArgs } from 'node:util'
import { runKills } from './kills/harness.ts'
import { describeKills, isAsPromised } from './kills/report.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    signal: { type: 'string', default: 'SIGKILL' },
    callers: { type: 'string', default: '64' },
    think: { type: 'string', default: '400' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const report = await runKills(
  {
    kills: Number(values.kills),
    seed: Number(values.seed),
    signal: values.signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL',
    callers: Number(values.callers),
    think: Number(values.think),
  },
  values.verbose ? (line) => process.stderr.write(`${line}\n`) : undefined,
)
console.log(values.json ? JSON.stringify(report, null, 2) : describeKills(report))
process.exitCode = isAsPromised(report) ? 0 : 1
