import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { Json } from './event/json.ts'
import type { RegistrationEvent } from './event/schema.ts'
import type { Outcome } from './outcome.ts'
import type { Clock, Logger } from './ports.ts'
import type { Settings } from './settings.ts'
import type { Templates } from './template/templates.ts'

/** A schema that validates options and prints itself as JSON Schema; zod 4 schemas are both. */
export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out> & StandardJSONSchemaV1<In, Out>

/** What came of an attempt: nothing returned is `delivered`; a failure may be returned or thrown. */
export type Result = Outcome | void | Promise<Outcome | void>

/** What is the same for every delivery of one call. */
export interface Run {
  /** The connector's name in the configuration. */
  readonly connector: string
  /** Aborts at the deadline, and when the engine stops. Hand it to everything that waits. */
  readonly signal: AbortSignal
  readonly deadline: Date
  readonly logger: Logger
}

/** What belongs to one delivery of a call. */
export interface Attempt {
  /** The same over all attempts of a delivery; give it to far sides that suppress repeats. */
  readonly idempotencyKey: string
  /** 1 at the first try. */
  readonly attempt: number
  /** True when an earlier attempt was sent and no answer came, so that this one may be a repeat. */
  readonly afterUnknown: boolean
  /**
   * Takes what is about to be sent for this delivery, before its first byte, as text or bytes. The history keeps a short
   * hash of it, by which people see whether a later attempt sent the same; told again in one attempt, the last counts.
   */
  readonly sending?: (body: string | Uint8Array) => void
}

/** The hook contract: called once for each delivery, again for each retry. */
export type Hook = (event: RegistrationEvent, run: Run & Attempt) => Result

/** The hook contract for far sides that take many at once: one outcome for each item, in order. */
export type BatchHook = (
  items: readonly (Attempt & { readonly event: RegistrationEvent })[],
  run: Run,
) => Promise<readonly Outcome[]>

/** Exactly what would be sent for an event. */
export interface Preview {
  readonly title: string
  readonly contentType: string
  readonly body: string
}

/** One line of `onsignup check`: what was proved, what failed, what could not be proved, and the mend. */
export interface Finding {
  readonly state: 'proved' | 'failed' | 'unproved'
  readonly what: string
  readonly mend?: string
}

/** How many attempts may start in a time. */
export interface Limit {
  /** Attempts whose limits name the same bucket share it, over all connectors of the same plugin. */
  readonly bucket: string
  /** As `1/s`, `50/m`, `5000/d`; evenly spread. */
  readonly rate: string
  /** How many may go at once after a quiet time. Default: 1. */
  readonly burst?: number
}

/** Why a connector's gate is closed. */
export interface Fault {
  readonly connector: string
  readonly code: string
  readonly reason: string
  /** What the operator should do, where it is known. */
  readonly mend: string | null
  readonly since: Date
}

/** What an operator is to be told. */
export interface Notice {
  /** One line. */
  readonly title: string
  /** The whole of it as plain text. It holds words of far sides: escape it. */
  readonly text: string
  readonly faults: readonly Fault[]
}

/** The optional members that any connector may have. */
export interface ConnectorExtras {
  /** Overrides the plugin's `repeats` where an option decides, as `operation: create` does. */
  readonly repeats?: Repeats
  /**
   * Called once when the engine starts, beside the first deliveries, to find what is wrong before one meets it: what it
   * ends as `misconfigured` parks the connector. Nothing waits for it, so that a far side that is down stops no start.
   */
  start?(run: Run): Result
  /** Exactly what the hook would send for the same event and key. */
  preview?(event: RegistrationEvent, attempt: Pick<Attempt, 'idempotencyKey'>): Preview | Promise<Preview>
  check?(run: Run): Promise<readonly Finding[]>
  /**
   * The far side's own limits that an attempt counts towards; it starts when all of them allow. A function where they
   * depend on the event. A batch is one attempt: with limits that are the same for all, what waits goes together.
   */
  limits?: readonly Limit[] | ((event: RegistrationEvent) => readonly Limit[])
  /** Tells an operator; what `alerts: NAME` calls, once. */
  notify?(notice: Notice, run: Run): Result
  close?(): void | Promise<void>
}

export type Hooks =
  | { postUserRegistration: Hook; postUserRegistrationBatch?: BatchHook }
  | { postUserRegistration?: never; postUserRegistrationBatch: BatchHook }

/** A plugin configured under a name: what `connect` returns. */
export type Connector = Hooks & ConnectorExtras

/** Whether sending the same delivery twice does harm, as a second message does and a second upsert does not. */
export type Repeats = 'harmless' | 'harmful'

/** Files that options name, relative to the configuration's folder. */
export interface Files {
  /** Throws an OnSignupError `file_unreadable` that names the file. */
  read(path: string): Promise<string>
}

/**
 * What a connector keeps for itself over restarts, such as a token or a cursor: small, durable, seen by no other
 * connector. It is not taken out when a user is forgotten: keep nothing personal in it for long.
 */
export interface State {
  /** Undefined when nothing is kept under the key. */
  get(key: string): Promise<Json | undefined>
  /** Throws an OnSignupError `state_invalid` for a key of more than 256 characters or a value of more than 500 kB as JSON. */
  set(key: string, value: Json): Promise<void>
  delete(key: string): Promise<void>
}

/** All that a plugin is handed. */
export interface Services {
  readonly connector: string
  readonly logger: Logger
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  readonly templates: Templates
  readonly files: Files
  /** To be used once the service runs; `connect` cannot. */
  readonly state: State
  /** The absolute path of the folder that relative paths in options start from. */
  readonly folder: string
}

/** What a plugin's author writes. */
export interface Definition<S extends Schema = Schema> {
  readonly name: string
  /** One flat object schema: types, defaults and docs. Mark secrets with `.meta({ writeOnly: true })`, templates with `.meta({ template: true })`. */
  readonly options: S
  /** Default: harmful. */
  readonly repeats?: Repeats
  /** Used where the configuration says nothing. */
  readonly defaults?: Settings
  /** Reads files at most; no network. Throw an Error for options that contradict each other. */
  connect(options: StandardSchemaV1.InferOutput<S>, services: Services): Connector | Promise<Connector>
}

/** The version of this contract that a plugin was built against. */
export const CONTRACT_VERSION = 1

/** The mark by which two copies of this package know each other's plugins. */
export const PLUGIN: unique symbol = Symbol.for('onsignup.plugin')
