import { retry, type Outcome } from '../outcome.ts'
import type { RegisteredConnector } from '../registry.ts'
import type { Claim, Settlement } from '../store/port.ts'
import { conditionOutcome, runAttempt } from './attempt.ts'
import { attemptRecord, decide, PROBE_INTERVAL } from './decide.ts'
import type { DispatcherPorts } from './dispatcher.ts'
import { Gate } from './gate.ts'
import { findsNoFault } from './check.ts'

/** How long to wait before a store that failed is asked again. */
const STORE_RETRY = 1_000

/** One connector's deliveries: claims what is due into its slots, runs it, settles it, sleeps until more is due. */
export class Lane {
  readonly #connector: RegisteredConnector['configured']
  readonly #row: number
  readonly #ports: DispatcherPorts
  readonly #stop: AbortSignal
  readonly #gate: Gate
  readonly #work = new Set<Promise<void>>()
  #slotsTaken = 0
  #pumping: Promise<void> | null = null
  #woken = false
  #stopped = false
  #cancelTimer: () => void = () => {}

  /** `stop` aborts what still runs when the grace time is over. */
  constructor({ configured, row }: RegisteredConnector, ports: DispatcherPorts, stop: AbortSignal) {
    this.#connector = configured
    this.#row = row.id
    this.#ports = ports
    this.#stop = stop
    this.#gate = new Gate(configured.name, row, ports.events)
  }

  get busy(): boolean {
    return this.#pumping !== null || this.#work.size > 0
  }

  wake(): void {
    this.#woken = true
    if (this.#stopped) return
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null
      // Woken between the pump's last look and now.
      if (this.#woken) this.wake()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
  }

  async idle(): Promise<void> {
    while (this.busy) await Promise.all([this.#pumping, ...this.#work])
  }

  /** Claims unless the engine stopped meanwhile: what has not begun is handed back. */
  async #claim(limit: number): Promise<readonly Claim[]> {
    const { store, clock } = this.#ports
    const claims = await store.claim(this.#row, clock.now(), limit)
    if (!this.#stopped) return claims
    await store.release(claims)
    return []
  }

  async #pump(): Promise<void> {
    while (this.#woken && !this.#stopped) {
      this.#woken = false
      try {
        await this.#fillSlots()
      } catch (error) {
        this.#tell(error, 'the store hands out no deliveries; it is asked again')
        this.#wakeAt(this.#ports.clock.now() + STORE_RETRY)
      }
    }
  }

  #wakeAt(time: number): void {
    this.#cancelTimer()
    if (this.#stopped) return
    this.#cancelTimer = this.#ports.clock.after(Math.max(0, time - this.#ports.clock.now()), () =>
      this.wake(),
    )
  }

  async #fillSlots(): Promise<void> {
    const now = this.#ports.clock.now()
    if (this.#gate.closedUntil > now) return this.#wakeAt(this.#gate.closedUntil)
    if (this.#gate.parked !== null) return this.#sendCanary(now)
    const free = this.#connector.settings.concurrency - this.#slotsTaken
    if (free <= 0) return
    if (this.#batches) return this.#fillBatch(now)
    const claims = await this.#claim(free)
    for (const claim of claims) this.#start([claim])
    if (claims.length < free) await this.#sleep()
  }

  get #batches(): boolean {
    const { connector, settings } = this.#connector
    return connector.postUserRegistrationBatch !== undefined && settings.batch.max_records > 1
  }

  async #fillBatch(now: number): Promise<void> {
    const { store } = this.#ports
    const { max_records, max_wait } = this.#connector.settings.batch
    const oldest = await store.nextDue(this.#row)
    if (oldest === null) return
    const isFull = (await store.countDue(this.#row, now, max_records)) >= max_records
    if (!isFull && oldest + max_wait > now) return this.#wakeAt(oldest + max_wait)
    const claims = await this.#claim(max_records)
    if (claims.length > 0) this.#start(claims)
    this.#woken = true
  }

  async #sleep(): Promise<void> {
    const due = await this.#ports.store.nextDue(this.#row)
    if (due !== null) this.#wakeAt(due)
  }

  /** Tries a parked connector: its own check first, then one delivery alone; `check` alone opens no gate. */
  async #sendCanary(now: number): Promise<void> {
    const { store, clock, logger } = this.#ports
    const { parked } = this.#gate
    if (this.#slotsTaken > 0 || parked === null) return
    const due = await store.nextDue(this.#row)
    if (due === null) return
    if (due > now) return this.#wakeAt(due)
    if (!(await findsNoFault(this.#connector, { clock, logger, stop: this.#stop }))) {
      const later = { connector: this.#row, parked: { ...parked, probeAt: clock.now() + PROBE_INTERVAL } }
      await store.changeGate(later)
      this.#gate.follow(later, clock.now())
      this.#woken = true
      return
    }
    const [canary] = await this.#claim(1)
    if (canary === undefined) return
    this.#gate.sendCanary(canary)
    this.#start([canary])
  }

  #start(claims: readonly Claim[]): void {
    this.#slotsTaken += 1
    let taken = true
    const free = () => {
      if (taken) this.#slotsTaken -= 1
      taken = false
      this.wake()
    }
    const work = this.#run(claims, free)
      .catch((error: unknown) => {
        this.#tell(error, 'a result is not stored; its delivery is tried again after the next start')
      })
      .finally(() => {
        this.#work.delete(work)
        // Wakes the lane also when the slot was freed at the cut: only now is what was settled in the store.
        free()
      })
    this.#work.add(work)
  }

  async #run(claims: readonly Claim[], onCut: () => void): Promise<void> {
    const startedAt = this.#ports.clock.now()
    const ended: (readonly [Claim, Outcome])[] = []
    const toRun: Claim[] = []
    for (const claim of claims) {
      const outcome = conditionOutcome(this.#connector, claim)
      if (outcome === undefined) toRun.push(claim)
      else ended.push([claim, outcome])
    }
    if (toRun.length > 0) {
      const outcomes = await this.#callConnector(toRun, startedAt, onCut)
      for (const [index, claim] of toRun.entries()) {
        ended.push([claim, outcomes[index] ?? retry('the hook gave no outcome for it')])
      }
    }
    await this.#settle(ended, startedAt)
  }

  async #callConnector(
    claims: readonly Claim[],
    startedAt: number,
    onCut: () => void,
  ): Promise<readonly Outcome[]> {
    const { store, clock, logger, redact } = this.#ports
    const { repeats, settings } = this.#connector
    if (repeats === 'harmful' && settings.on_unknown === 'hold') await this.#insist(() => store.begin(claims))
    return runAttempt(this.#connector, claims, {
      clock,
      logger,
      stop: this.#stop,
      onCut,
      onLate: (claim, outcome) => {
        const record = attemptRecord(claim.run, outcome, { startedAt, now: clock.now(), redact })
        store
          .note(claim.delivery, {
            ...record,
            detail: `after its deadline: ${record.detail ?? record.outcome}`,
          })
          .catch((error: unknown) => this.#tell(error, 'a late result is not noted'))
      },
    })
  }

  async #settle(ended: readonly (readonly [Claim, Outcome])[], startedAt: number): Promise<void> {
    const { clock, events, random, redact, store } = this.#ports
    const settlements: Settlement[] = []
    for (const [claim, outcome] of ended) {
      const settlement = decide(claim, outcome, {
        connector: this.#connector,
        row: this.#row,
        startedAt,
        now: clock.now(),
        random,
        redact,
        parked: this.#gate.parked,
        isCanary: this.#gate.isCanary(claim),
        othersSucceed: this.#gate.succeeded,
        stopping: this.#stop.aborted,
      })
      if (settlement.state === 'delivered') this.#gate.noteSuccess()
      if (settlement.gate !== null) this.#gate.follow(settlement.gate, clock.now())
      settlements.push(settlement)
    }
    const current = await this.#insist(() => store.settle(settlements))
    for (const [index, [claim]] of ended.entries()) {
      const settlement = settlements[index]
      if (settlement === undefined || current[index] !== true) continue
      const { delivery, state, attempt } = settlement
      events.emit('settled', {
        delivery,
        event: claim.event.id,
        connector: this.#connector.name,
        state,
        attempt,
      })
    }
  }

  /** Keeps a write, and its slot with it, until the store takes it, or the engine stops without. */
  async #insist<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (this.#stop.aborted) throw error
        this.#tell(error, 'the store refuses a result; it is kept and tried again')
        await new Promise<void>((resolve) => this.#ports.clock.after(STORE_RETRY, resolve))
      }
    }
  }

  #tell(error: unknown, message: string): void {
    this.#ports.logger.error({ err: error, connector: this.#connector.name }, message)
  }
}
