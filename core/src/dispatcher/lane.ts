import { deepFreeze } from '../event/freeze.ts'
import type { Failure } from '../outcome.ts'
import { conditionOutcome } from './attempt.ts'
import { openedGate } from '../operator.ts'
import type { RegisteredConnector } from '../registry.ts'
import type { Claim, GateChange, RunRef } from '../store/port.ts'
import { findsNoFault } from './check.ts'
import { parkedBy, probeAfter } from './gate-after.ts'
import { Gate } from './gate.ts'
import { STORE_RETRY } from './insist.ts'
import { Pace } from './pace.ts'
import { Runner, type RunnerPorts } from './runner.ts'
import { Stock } from './stock.ts'
import { Turns } from './turns.ts'

/** How many are claimed into memory at once: a commit for each slot that falls free would cost more than the attempts. */
const LOOK_AHEAD = 200

export interface LanePorts extends Omit<RunnerPorts, 'gate' | 'admits' | 'onOpen'> {
  /** Told that a write was refused, and may be stored. */
  readonly onDoubt: () => void
}

/** One connector's deliveries: claims what is due into its slots, has it run, sleeps until more is due. */
export class Lane {
  readonly #connector: RegisteredConnector['configured']
  readonly name: string
  /** The connector's row. */
  readonly row: number
  readonly #ports: LanePorts
  readonly #gate: Gate
  readonly #runner: Runner
  readonly #stock: Stock
  readonly #pace: Pace
  readonly #turns: Turns | null
  readonly #work = new Set<Promise<void>>()
  /** What has left #stock and is not settled or released yet. */
  readonly #inHand = new Set<Claim>()
  #slotsTaken = 0
  #pumping: Promise<void> | null = null
  #woken = false
  #stopped = false
  #timer: { readonly at: number; readonly cancel: () => void } | null = null

  constructor(connector: RegisteredConnector, ports: LanePorts) {
    const { configured, row } = connector
    this.#connector = configured
    this.name = configured.name
    this.row = row.id
    this.#ports = ports
    this.#gate = new Gate(configured.name, row, ports.events)
    this.#stock = new Stock({
      store: ports.store,
      clock: ports.clock,
      row: row.id,
      isStopped: () => this.#stopped,
      isForgotten: (claim) => this.#isForgotten(claim),
      onDue: (at) => this.#wakeAt(at),
    })
    this.#pace = new Pace(configured.pace, ports.buckets)
    this.#turns =
      configured.limits === null
        ? null
        : new Turns(({ event }) => configured.limits?.(event) ?? [], ports.buckets)
    const onOpen = (due: number) => this.#wakeAt(due)
    const admits = (claim: Claim) => this.#admits(claim)
    this.#runner = new Runner(connector, { ...ports, gate: this.#gate, admits, onOpen })
  }

  get busy(): boolean {
    return this.#pumping !== null || this.#work.size > 0
  }

  /** Looks into the store for what is due. */
  wake(): void {
    this.#stock.lookAgain()
    this.#fill()
  }

  async pause(): Promise<void> {
    await this.#changeGate({ paused: this.#ports.clock.now() })
  }

  async resume(): Promise<void> {
    await this.#changeGate(openedGate(this.#gate, this.#ports.clock.now()))
  }

  /** Closes the gate for a fault that no delivery met, unless one closed it. */
  async park(fault: Failure): Promise<void> {
    if (this.#stopped || this.#gate.parked !== null) return
    const { clock, redact } = this.#ports
    await this.#changeGate({ parked: parkedBy(fault, { now: clock.now(), redact, parked: null }) })
  }

  /** Changes the gate, in the store first. */
  async #changeGate(change: Omit<GateChange, 'connector'>): Promise<void> {
    await this.#ports.store.changeGate({ ...change, connector: this.row })
    this.#gate.follow(change, this.#ports.clock.now())
    this.wake()
  }

  /** Goes on after nothing could start for a while. */
  goOn(): void {
    this.#fill()
  }

  /** Whether what is born now should be born held: it could start at once, or after what is in memory. */
  get holds(): boolean {
    const isOpen = this.#gate.isOpen(this.#ports.clock.now())
    const inTime = this.#pace.next === null
    return isOpen && inTime && !this.#stopped && this.#stock.takesNewborn
  }

  /** Takes what was born held. */
  take(claims: readonly Claim[]): void {
    this.#stock.add(claims)
    if (this.#stopped) this.#track(this.#handBack())
    else this.#fill()
  }

  /** Gives back those of these runs, held for this process, that it knows nothing of, and looks for what is free. */
  disown(held: readonly RunRef[]): void {
    const known = new Set([...this.#stock.all(), ...this.#inHand].map(({ delivery }) => delivery))
    const ghosts = held.filter(({ delivery }) => !known.has(delivery))
    if (this.#stopped) return
    const released = ghosts.length === 0 ? Promise.resolve() : this.#runner.release(ghosts)
    this.#track(released.then(() => this.wake()))
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
    const claims = this.#stock.takeAll()
    if (claims.length > 0) await this.#runner.release(claims)
  }

  async idle(): Promise<void> {
    while (this.busy) await Promise.all([this.#pumping, ...this.#work])
  }

  async #pump(): Promise<void> {
    while (this.#woken && !this.#stopped) {
      this.#woken = false
      try {
        await this.#fillSlots()
      } catch (error) {
        this.#runner.tell(error, 'the store hands out no deliveries; it is asked again')
        this.#ports.onDoubt()
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
    if (isParked || this.#gate.paused || this.#gate.closedUntil > now) await this.#handBack()
    if (this.#gate.paused) return
    if (this.#gate.closedUntil > now) return this.#wakeAt(this.#gate.closedUntil)
    if (!this.#ports.admission.open) return
    if (isParked) return this.#sendCanary(now)
    const free = this.#connector.settings.concurrency - this.#slotsTaken
    if (free <= 0) return
    if (this.#batches) return this.#fillBatch(now)
    const places = this.#takePlaces(free, now)
    if (places === 0) return
    if (this.#stock.size < places || this.#turns !== null) await this.#stock.claimInto(this.#ahead(places))
    const idle = places - this.#stock.size
    if (this.#stock.spareSize < idle) {
      await this.#stock.claimSpare(this.#turns === null ? this.#ahead(idle) : idle)
    }
    if (this.#stopped) await this.#handBack()
    const due = this.#stock.take(this.#turns === null ? places : this.#stock.size)
    const claims = [...due, ...this.#stock.takeSpare(places - due.length)]
    this.#start(
      claims.map((claim) => [claim]),
      places,
    )
  }

  /** How many to hold in memory when `places` may start: a rate lets them go too slowly to hold more. */
  #ahead(places: number): number {
    return this.#connector.pace.length === 0 ? LOOK_AHEAD : places
  }

  /** Takes places for attempts that may start now; when there are none, it wakes when there is one. */
  #takePlaces(most: number, now: number): number {
    const places = this.#pace.take(most, now)
    if (places === 0) this.#wakeForNextPlace()
    return places
  }

  #wakeForNextPlace(): void {
    if (this.#pace.next !== null) this.#wakeAt(this.#pace.next)
  }

  get #batches(): boolean {
    const { connector, settings } = this.#connector
    return connector.postUserRegistrationBatch !== undefined && settings.batch.max_records > 1
  }

  async #fillBatch(now: number): Promise<void> {
    const { store } = this.#ports
    const { max_records, max_wait } = this.#connector.settings.batch
    const stored = await this.#stock.countDue(now, max_records)
    const oldestStored = stored > 0 ? await store.nextDue(this.row) : null
    const dues = [oldestStored, this.#stock.oldestDue].filter((due) => due !== null)
    const idle = max_records - stored - this.#stock.size
    if (idle > 0) await this.#stock.claimSpare(idle)
    const oldest = Math.min(...dues)
    // What was backfilled has waited long enough, and takes others along.
    if (this.#stock.spareSize === 0) {
      if (dues.length === 0) return
      if (idle > 0 && oldest + max_wait > now) return this.#wakeAt(oldest + max_wait)
    }
    const places = this.#takePlaces(1, now)
    if (places === 0) return
    await this.#stock.claimInto(max_records)
    if (this.#stopped) await this.#handBack()
    const due = this.#stock.take(max_records)
    const claims = [...due, ...this.#stock.takeSpare(max_records - due.length)]
    const together = claims.filter(({ alone }) => !alone)
    const apart = claims.filter(({ alone }) => alone).map((claim) => [claim])
    this.#start(together.length > 0 ? [together, ...apart] : apart, places)
    if (claims.length > 0) this.#woken = true
  }

  /** Tries a parked connector: its own check first, then one delivery alone; `check` alone opens no gate. */
  async #sendCanary(now: number): Promise<void> {
    const { store, clock, logger, stop } = this.#ports
    const { parked } = this.#gate
    if (this.#slotsTaken > 0 || this.#gate.isTested || parked === null) return
    const due = await store.nextDue(this.row)
    if (due === null) await this.#stock.claimSpare(1)
    if (due === null && this.#stock.spareSize === 0) return
    if (due !== null && due > now) return this.#wakeAt(due)
    if (!(await findsNoFault(this.#connector, { clock, logger, stop }))) {
      const probeAt = probeAfter(parked, clock.now())
      return this.#changeGate({ parked: { ...parked, probeAt } })
    }
    const places = this.#takePlaces(1, now)
    if (places === 0) return
    const canary = due === null ? this.#stock.takeSpare(1)[0] : await this.#stock.claimOne()
    // What was forgotten meanwhile does not start, so that nobody would hear of its end.
    if (canary !== undefined && !this.#isForgotten(canary)) this.#gate.sendCanary(canary)
    this.#start(canary === undefined ? [] : [[canary]], places)
  }

  /** Starts each group as one attempt while there are places and slots; the others are kept, or put aside until their turn. */
  #start(groups: readonly (readonly Claim[])[], places: number): void {
    const { admission, clock } = this.#ports
    const now = clock.now()
    let left = places
    let unused = 0
    for (const group of groups) {
      const claims = group.filter((claim) => !this.#isForgotten(claim))
      // It may have changed while the store handed them out.
      const mayStart = admission.open && claims.every((claim) => this.#admits(claim))
      if (claims.length === 0) this.#woken = true
      else if (left === 0 || !mayStart) {
        this.#stock.add(claims)
        this.#woken ||= !mayStart
      } else {
        const isSent = this.#isSent(claims)
        const turn = isSent ? (this.#turns?.turnOf(claims, now) ?? now) : now
        if (turn > now) {
          this.#stock.putAside(turn)
          const putAside = this.#runner.release(claims, turn).then(() => this.#wakeAt(turn))
          this.#track(putAside, claims)
          this.#woken = true
        } else {
          left -= 1
          unused += isSent ? 0 : 1
          this.#startGroup(claims)
        }
      }
    }
    // Others may go in the places that are given back.
    this.#woken ||= unused > 0
    if (left + unused > 0) this.#pace.giveBack(left + unused)
    else this.#wakeForNextPlace()
  }

  /** Whether any of them is for the far side, whose limits count: what its `if` leaves out is not. */
  #isSent(claims: readonly Claim[]): boolean {
    const isLimited = this.#turns !== null || this.#connector.pace.length > 0
    return !isLimited || claims.some((claim) => conditionOutcome(this.#connector, claim) === undefined)
  }

  #admits(claim: Claim): boolean {
    const isOver = this.#stopped || this.#isForgotten(claim)
    return !isOver && this.#gate.admits(claim, this.#ports.clock.now())
  }

  #isForgotten({ delivery }: Claim): boolean {
    return this.#ports.forgotten.has(delivery)
  }

  #startGroup(claims: readonly Claim[]): void {
    for (const { event } of claims) deepFreeze(event)
    const free = this.#takeSlot()
    const [only] = claims
    this.#track(only?.alone ? this.#runAlone(only, free) : this.#runBesideOthers(claims, free), claims, free)
  }

  /** The slot is free again when the attempt is over, though its result is not stored yet; that may let others start. */
  #takeSlot(): () => void {
    let taken = 1
    this.#slotsTaken += taken
    return () => {
      this.#slotsTaken -= taken
      taken = 0
      this.#fill()
    }
  }

  async #runBesideOthers(claims: readonly Claim[], onOver: () => void): Promise<void> {
    const leave = this.#ports.admission.enter()
    try {
      await this.#runner.run(claims, onOver)
    } finally {
      leave()
    }
  }

  async #runAlone(claim: Claim, onOver: () => void): Promise<void> {
    const leave = await this.#ports.admission.alone()
    try {
      if (this.#admits(claim)) await this.#runner.run([claim], onOver)
      else await this.#runner.release([claim])
    } finally {
      leave()
    }
  }

  #track(task: Promise<void>, claims: readonly Claim[] = [], then: () => void = () => {}): void {
    for (const claim of claims) this.#inHand.add(claim)
    const work = task
      .catch((error: unknown) => {
        this.#runner.tell(error, 'a result is not stored; its delivery is tried again after the next start')
      })
      .finally(() => {
        this.#work.delete(work)
        for (const claim of claims) this.#inHand.delete(claim)
        then()
      })
    this.#work.add(work)
  }
}
