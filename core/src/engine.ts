export {
  configureConnector,
  type ConfiguredConnector,
  type ConnectorSettings,
  type Usable,
  type Use,
} from './connector.ts'
export { PLUGIN } from './contract.ts'
export { ERROR_CODES, PUBLISH_ERROR_CODES } from './errors.ts'
export { DURATION } from './duration.ts'
export { registrationEventSchema } from './event/schema.ts'
export { normalise, type Normalised, type RegistrationInput } from './event/normalise.ts'
export { idempotencyKey, type EventKeys } from './event/keys.ts'
export { NAME, NAME_IN_WORDS } from './name.ts'
export { nearest } from './nearest.ts'
export { silentLogger, systemClock, type Random } from './ports.ts'
export { secretsOf } from './secrets.ts'
export { settingsSchema, type ResolvedSettings } from './settings.ts'
export { createState } from './state.ts'
export { anotherBody } from './store/another-body.ts'
export { lostRun } from './store/lost-run.ts'
export { createMemoryStore } from './store/memory.ts'
export type {
  Accept,
  Accepted,
  AttemptRecord,
  Birth,
  BeginMark,
  Claim,
  ConnectorRow,
  Counts,
  DeliveryQuery,
  DeliveryState,
  DeliveryView,
  Forgotten,
  GateChange,
  Newborn,
  Parked,
  Period,
  Renamed,
  Retried,
  RetrySelection,
  HeldRun,
  KeptRefused,
  Refused,
  RunRef,
  Settlement,
  ShownState,
  StateOwner,
  Store,
} from './store/port.ts'
export { DROPPED, FORGOTTEN, GIVEN_BEFORE, SHOWN_STATES, WHEN_IDLE } from './store/port.ts'
export { isLaterRegistration, withoutGiven } from './store/registration.ts'
export { traceOf } from './store/trace.ts'
export { shownReason, shownState } from './store/view.ts'
export { conditionProblems, templateProblems } from './template/check.ts'
export { createTemplates } from './template/templates.ts'
export { LARGEST_EVENT, RegistrationBus, type Published } from './bus.ts'
export { Container, token, type Lifecycle, type Parts, type Token } from './container.ts'
export { checkConnector } from './dispatcher/check.ts'
export { Dispatcher } from './dispatcher/dispatcher.ts'
export { connectorUnknown, operatorOf, type Operator } from './operator.ts'
export { EventHub, type EngineEvents, type EventName, type Listener } from './events.ts'
export { ConnectorRegistry } from './registry.ts'
export { renameConnector } from './renaming.ts'
export { Alerts } from './alerts.ts'
export { Retention } from './retention.ts'
export {
  buildOnSignup,
  type BackfillPeriod,
  type NamedUse,
  type OnSignup,
  type Running,
  type TriedPublish,
} from './onsignup.ts'
