export {
  connectPlugin,
  recordingLogger,
  sampleEvent,
  testRun,
  testServices,
  type RecordingLogger,
} from './fakes.ts'
export { pluginCases, type Case, type PluginCasesOptions } from './plugin-cases.ts'
export { createTestClock, type TestClock } from './test-clock.ts'
export { createTestOnSignup, type TestOnSignup, type TestOnSignupOptions } from './create-test-onsignup.ts'
export { storeCases } from './store-cases.ts'
export type { MakeStore, StoreUnderTest } from './store-cases/bench.ts'
