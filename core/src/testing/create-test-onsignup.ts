import { Alerts } from '../alerts.ts'
import { RegistrationBus } from '../bus.ts'
import { configureConnector } from '../connector.ts'
import { isPlugin } from '../define-plugin.ts'
import { TIME_TO_CLASSIFY } from '../dispatcher/attempt.ts'
import { Dispatcher } from '../dispatcher/dispatcher.ts'
import { buildOnSignup, type OnSignup, type Running } from '../onsignup.ts'
import type { Random } from '../ports.ts'
import { ConnectorRegistry } from '../registry.ts'
import { createState } from '../state.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DeliveryView, RetrySelection, Retried, Store } from '../store/port.ts'
import { recordingLogger, testServices, type RecordingLogger } from './fakes.ts'
import { createTestClock, type TestClock } from './test-clock.ts'

export interface TestOnSignup extends OnSignup {
  readonly clock: TestClock
  readonly logger: RecordingLogger
  /** Waits until nothing runs and nothing is due at the clock's time. */
  drain(): Promise<void>
  /** Of an event, or of all; oldest first, with their attempts. */
  deliveries(event?: string): Promise<readonly DeliveryView[]>
  retry(selection: RetrySelection): Promise<Retried>
}

export interface TestOnSignupOptions {
  /** Default: an in-memory store. */
  readonly store?: Store
  readonly clock?: TestClock
  /** Default: 0.5, so that backoff is half of its longest. */
  readonly random?: Random
  /** The connector that is told of faults. Default: none. */
  readonly alerts?: string
}

/** The real bus and dispatcher on an in-memory store, with a clock that the test moves. */
export const createTestOnSignup = (options: TestOnSignupOptions = {}): TestOnSignup => {
  const { store = createMemoryStore(), clock = createTestClock(), random = () => 0.5 } = options
  const logger = recordingLogger()
  const onsignup = buildOnSignup<Running>(logger, async (uses, events) => {
    const configured = await Promise.all(
      uses.map(({ name, usable, ...use }) => {
        const called = isPlugin(usable) ? usable.name : 'function'
        const state = createState(store, { name, uses: called })
        return configureConnector(
          usable,
          use,
          called,
          testServices({ connector: name, clock, logger, state }),
        )
      }),
    )
    const connectors = new ConnectorRegistry(configured, store)
    const dispatcher = new Dispatcher({
      store,
      connectors,
      events,
      clock,
      logger,
      random,
      redact: (text) => text,
    })
    const alerts = new Alerts({ through: options.alerts ?? null, connectors, events, clock, logger })
    const bus = new RegistrationBus({ store, connectors, dispatcher, events, clock })
    await store.open(clock.now())
    await connectors.open()
    alerts.start()
    dispatcher.start()
    return {
      bus,
      dispatcher,
      async close() {
        bus.close()
        const stopped = dispatcher.stop(0)
        // A hook that ignores its signal is given up by the clock, which nobody else moves now.
        await clock.advance(TIME_TO_CLASSIFY)
        await stopped
        await alerts.stop()
        await connectors.close()
        await store.close()
      },
    }
  })
  return {
    ...onsignup,
    use(name, usable, use) {
      onsignup.use(name, usable, use)
      return this
    },
    clock,
    logger,
    drain: async () => (await onsignup.running()).dispatcher.idle(),
    async deliveries(event) {
      await onsignup.running()
      const views = await store.deliveries(
        { limit: 1_000, ...(event === undefined ? {} : { event }) },
        clock.now(),
      )
      return views.toReversed()
    },
    retry: async (selection) => (await onsignup.running()).dispatcher.retry(selection),
  }
}
