export type {
  Attempt,
  BatchHook,
  Connector,
  Definition,
  Fault,
  Files,
  Finding,
  Hook,
  Limit,
  Notice,
  Preview,
  Repeats,
  Result,
  Run,
  Schema,
  Services,
  State,
} from './contract.ts'
export { definePlugin, isPlugin, type Plugin } from './define-plugin.ts'
export { formatDuration, milliseconds, type Duration } from './duration.ts'
export type { ErrorClass } from './error-class.ts'
export { OnSignupError, PublishError, type ErrorCode, type Problem, type PublishErrorCode } from './errors.ts'
export type { Json } from './event/json.ts'
export type { RegistrationInput } from './event/normalise.ts'
export { registrationEventSchema, type RegistrationEvent } from './event/schema.ts'
export { nearest } from './nearest.ts'
export {
  delivered,
  Failure,
  misconfigured,
  rejected,
  retry,
  skipped,
  throttled,
  unknown,
  type Delivered,
  type FailureKind,
  type FailureOptions,
  type Outcome,
  type OutcomeOptions,
  type Skipped,
} from './outcome.ts'
export type { Clock, Logger } from './ports.ts'
export { createRedact, secretTest, type Redact } from './secrets.ts'
export type { Settings } from './settings.ts'
export type { Escape, Templates } from './template/templates.ts'
export { validOptions } from './valid-options.ts'
