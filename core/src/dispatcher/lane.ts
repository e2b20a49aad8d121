import { deepFreeze } from '../event/freeze.ts'
import { retry, type Outcome } from '../outcome.ts'
import type { RegisteredConnector } from '../registry.ts'
import type { Claim, Settlement } from '../store/port.ts'
import { conditionOutcome, runAttempt } from './attempt.ts'
import { attemptRecord, decide, PROBE_INTERVAL } from './decide.ts'
import type { DispatcherPorts } from './dispatcher.ts'
import { Gate } from './gate.ts'
import { Held } from './held.ts'
import { findsNoFault } from './check.ts'

/** How long to wait before a store that failed is asked again. */
const STORE_RETRY = 1_000

/** One connector's deliveries: claims what is due into its slots, runs it, settles it, sleeps until more is due. */
export class Lane {
  readonly #connector: RegisteredConnector['configured']
  /** The connector's row. */
  readonly row: number
  readonly #ports: DispatcherPorts
  readonly #stop: AbortSignal
  readonly #gate: Gate
  readonly #held = new Held()
  readonly #work = new Set<Promise<void>>()
  #slotsTaken = 0
  #pumping: Promise<void> | null = null
  #woken = false
  #stopped = false
  /** Nothing that is due waits in the store: all of it is in memory. */
  #caughtUp = false
  #timer: { readonly at: number; readonly cancel: () => void } | null = null

  /** `stop` aborts what still runs when the grace time is over. */
  constructor({ configured, row }: RegisteredConnector, ports: DispatcherPorts, stop: AbortSignal) {
    this.#connector = configured
    this.row = row.id
    this.#ports = ports
    this.#stop = stop
    this.#gate = new Gate(configured.name, row, ports.events)
  }

  get busy(): boolean {
    return this.#pumping !== null || this.#work.size > 0
  }

  /** Looks into the store for what is due. */
  wake(): void {
    this.#caughtUp = false
    this.#fill()
  }

  /** Whether what is born now should be born held: it could start at once, or after what is in memory. */
  get holds(): boolean {
    const isOpen = this.#gate.parked === null && this.#gate.closedUntil <= this.#ports.clock.now()
    return isOpen && !this.#stopped && this.#caughtUp && this.#held.hasRoom
  }

  /** Takes what was born held. */
  take(claims: readonly Claim[]): void {
    this.#held.add(claims)
    if (this.#stopped) this.#track(this.#handBack())
    else this.#fill()
  }

  /** Starts nothing more and hands back what has not begun. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#track(this.#handBack())
  }

  #fill(): void {
    this.#woken = true
    if (this.#stopped) return
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null
      // Woken between the pump's last look and now.
      if (this.#woken) this.#fill()
    })
  }

  async #handBack(): Promise<void> {
    const claims = this.#held.take(this.#held.size)
    if (claims.length === 0) return
    this.#caughtUp = false
    await this.#insist(() => this.#ports.store.release(claims))
  }

  async idle(): Promise<void> {
    while (this.busy) await Promise.all([this.#pumping, ...this.#work])
  }

  /** Claims unless the engine stopped meanwhile: what has not begun is handed back. */
  async #claim(limit: number): Promise<readonly Claim[]> {
    const { store, clock } = this.#ports
    const claims = await store.claim(this.row, clock.now(), limit)
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

  /** Wakes at this time, or earlier if it was to wake earlier. */
  #wakeAt(at: number): void {
    if (this.#stopped || (this.#timer !== null && this.#timer.at <= at)) return
    this.#timer?.cancel()
    const cancel = this.#ports.clock.after(Math.max(0, at - this.#ports.clock.now()), () => {
      this.#timer = null
      this.wake()
    })
    this.#timer = { at, cancel }
  }

  async #fillSlots(): Promise<void> {
    const now = this.#ports.clock.now()
    const isParked = this.#gate.parked !== null
    if (isParked || this.#gate.closedUntil > now) await this.#handBack()
    if (this.#gate.closedUntil > now) return this.#wakeAt(this.#gate.closedUntil)
    if (isParked) return this.#sendCanary(now)
    const free = this.#connector.settings.concurrency - this.#slotsTaken
    if (free <= 0) return
    if (this.#batches) return this.#fillBatch(now)
    for (const claim of await this.#next(free)) this.#start([claim])
  }

  /** What is to run next: first what waits in the store, which is older, then what is in memory. */
  async #next(limit: number): Promise<readonly Claim[]> {
    const stored = await this.#unlessCaughtUp(
      () => this.#claim(limit),
      (claims) => claims.length < limit,
    )
    const claims = stored ?? []
    return [...claims, ...(this.#stopped ? [] : this.#held.take(limit - claims.length))]
  }

  /** Asks the store, unless all that is due is in memory; `isAll`: whether its answer leaves nothing there. */
  async #unlessCaughtUp<T>(ask: () => Promise<T>, isAll: (answer: T) => boolean): Promise<T | undefined> {
    if (this.#caughtUp) return undefined
    // Set before the store is asked: what the lane is told of meanwhile sets it back.
    this.#caughtUp = true
    try {
      const answer = await ask()
      const due = isAll(answer) ? await this.#ports.store.nextDue(this.row) : null
      if (due !== null) this.#wakeAt(due)
      this.#caughtUp &&= isAll(answer)
      return answer
    } catch (error) {
      this.#caughtUp = false
      throw error
    }
  }

  get #batches(): boolean {
    const { connector, settings } = this.#connector
    return connector.postUserRegistrationBatch !== undefined && settings.batch.max_records > 1
  }

  async #fillBatch(now: number): Promise<void> {
    const { store } = this.#ports
    const { max_records, max_wait } = this.#connector.settings.batch
    const count = () => store.countDue(this.row, now, max_records)
    const stored = (await this.#unlessCaughtUp(count, (due) => due === 0)) ?? 0
    const oldest = stored > 0 ? await store.nextDue(this.row) : this.#held.oldestDue
    const isFull = stored + this.#held.size >= max_records
    if (oldest === null) return
    if (!isFull && oldest + max_wait > now) return this.#wakeAt(oldest + max_wait)
    const claims = await this.#next(max_records)
    if (claims.length === 0) return
    this.#start(claims)
    this.#woken = true
  }

  /** Tries a parked connector: its own check first, then one delivery alone; `check` alone opens no gate. */
  async #sendCanary(now: number): Promise<void> {
    const { store, clock, logger } = this.#ports
    const { parked } = this.#gate
    if (this.#slotsTaken > 0 || parked === null) return
    const due = await store.nextDue(this.row)
    if (due === null) return
    if (due > now) return this.#wakeAt(due)
    if (!(await findsNoFault(this.#connector, { clock, logger, stop: this.#stop }))) {
      const later = { connector: this.row, parked: { ...parked, probeAt: clock.now() + PROBE_INTERVAL } }
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
      this.#fill()
    }
    for (const { event } of claims) deepFreeze(event)
    this.#track(this.#run(claims, free), free)
  }

  #track(task: Promise<void>, then: () => void = () => {}): void {
    const work = task
      .catch((error: unknown) => {
        this.#tell(error, 'a result is not stored; its delivery is tried again after the next start')
      })
      .finally(() => {
        this.#work.delete(work)
        then()
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
    if (repeats === 'harmful' && settings.on_unknown === 'hold')
      await this.#insist(() => store.begin(claims, 'hold'))
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
        row: this.row,
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
      const { delivery, state, due, attempt } = settlement
      if (state === 'open') this.#wakeAt(due)
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
