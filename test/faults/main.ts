import { parseArgs } from 'node:util'
import { describeBacklog } from './backlog/report.ts'
import { runBacklog } from './backlog/run.ts'
import { compareHanging } from './hanging/compare.ts'
import { runKills } from './kills/harness.ts'
import { describeKills, isAsPromised } from './kills/report.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    signal: { type: 'string', default: 'SIGKILL' },
    callers: { type: 'string', default: '64' },
    think: { type: 'string', default: '400' },
    backlog: { type: 'string' },
    hanging: { type: 'boolean', default: false },
    waiting: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const say = values.verbose ? (line: string) => void process.stderr.write(`${line}\n`) : undefined

if (values.backlog !== undefined) {
  const report = await runBacklog(Number(values.backlog), {
    users: 1_000,
    drain: 30_000,
    ...(say === undefined ? {} : { say }),
  })
  console.log(values.json ? JSON.stringify(report, null, 2) : describeBacklog(report))
} else if (values.hanging) {
  console.log(await compareHanging(Number(values.waiting), Number(values.rounds), say))
} else {
  const report = await runKills(
    {
      kills: Number(values.kills),
      seed: Number(values.seed),
      signal: values.signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL',
      callers: Number(values.callers),
      think: Number(values.think),
    },
    say,
  )
  console.log(values.json ? JSON.stringify(report, null, 2) : describeKills(report))
  process.exitCode = isAsPromised(report) ? 0 : 1
}
