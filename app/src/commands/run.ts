import { randomUUID } from 'node:crypto'
import { normalise } from '@onsignup/core/engine'
import auth0Hook from '@onsignup/auth0-hook'
import { registrationOf, sampleFor } from '../auth0-events.ts'
import { CommandError, EXIT, type Output } from '../output.ts'
import { readRegistrations } from '../registrations.ts'
import { printRan } from './ran.ts'
import { startTrial, type Trial, type TrialOptions } from './script-trial.ts'

export interface RunScriptOptions extends TrialOptions {
  readonly event?: string
  readonly json: boolean
}

const eventOf = async (file: string | undefined, { kind }: Trial) => {
  const bodies =
    file === undefined ? [sampleFor(kind)] : (await readRegistrations(file)).map(({ body }) => body)
  if (bodies.length !== 1) {
    throw new CommandError(EXIT.usage, `${file} has ${bodies.length} events`, 'name a file with one')
  }
  return normalise(registrationOf(bodies[0]), Date.now(), randomUUID).event
}

/** Runs one script once, as a connector would, without a service. */
export const runScript = async (
  script: string,
  options: RunScriptOptions,
  output: Output,
): Promise<number> => {
  await using trial = await startTrial(script, options, auth0Hook, output)
  const event = await eventOf(options.event, trial)
  const begun = performance.now()
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    const outcome = await trial.run(event, stop.signal)
    const ms = Math.round(performance.now() - begun)
    printRan({ script, kind: trial.kind, outcome, ms }, options, output)
    return outcome.kind === 'delivered' ? EXIT.ok : EXIT.failed
  } finally {
    process.off('SIGINT', interrupt)
  }
}
