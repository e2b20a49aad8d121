import type { Registration } from '../registration.ts'

/** An engine under measurement, started on an empty folder. */
export interface Engine {
  /** Resolves when the registration and its deliveries are as durable as the engine makes them. */
  accept(registration: Registration): Promise<unknown>
  /** Resolves when this many deliveries, counted from the start, are settled as durably as the engine makes it. */
  settled(deliveries: number): Promise<void>
  /** Processes of its own, whose CPU time counts. */
  readonly servers: readonly number[]
  close(): Promise<void>
}

export interface EngineOptions {
  readonly folder: string
  /** What each connector does with a user. */
  readonly handle: (user: string) => Promise<void>
}

export type StartEngine = (options: EngineOptions) => Promise<Engine>
