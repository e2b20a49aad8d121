import type { Engine, EngineOptions, StartEngine } from './engine.ts'

// Each is loaded in its own process only, so that the memory of one is not that of all.
const ENGINES: Readonly<Record<string, () => Promise<StartEngine>>> = {
  log: async () => (await import('./log.ts')).startLog,
  onsignup: async () => (await import('./onsignup.ts')).startOnSignup,
  'onsignup-50': async () => (await import('./onsignup.ts')).startOnSignup50,
  bullmq: async () => (await import('./bullmq.ts')).startBullMq,
  'pg-boss': async () => (await import('./pg-boss.ts')).startPgBoss,
  'graphile-worker': async () => (await import('./graphile-worker.ts')).startGraphileWorker,
  jetstream: async () => (await import('./jetstream.ts')).startJetStream,
}

/** Starts the engine of this name. */
export const startEngine = async (name: string, options: EngineOptions): Promise<Engine> => {
  const load = ENGINES[name]
  if (load === undefined) throw new Error(`there is no engine ${name}`)
  const start = await load()
  return start(options)
}
