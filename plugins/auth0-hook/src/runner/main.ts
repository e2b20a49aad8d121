import { closeSync } from 'node:fs'
import { openChannel } from './channel.ts'
import { captureConsole } from './console.ts'
import { guardProcess } from './guard.ts'
import { createRuns } from './runs.ts'

/** The script's own process: takes one run after the other from the service. */
const channel = openChannel((message) => {
  if (message.type === 'setup') {
    for (const descriptor of message.setup.inherited) closeSync(descriptor)
    runs.setUp(message.setup)
  } else if (message.type === 'run') runs.start(message.job)
  else runs.answer(message)
})
const runs = createRuns(channel)
try {
  guardProcess(channel.handle)
  captureConsole(runs.print)
  runs.takeStock()
  channel.send('', { type: 'ready' })
} catch {
  // As when its folder is gone. The service hears of the exit.
  process.exit(1)
}
