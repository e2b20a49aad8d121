import { pluginBucket } from '../connector.ts'
import { Failure, retry, type Outcome } from '../outcome.ts'
import type { RegisteredConnector } from '../registry.ts'
import type { Claim, RunRef, Settlement } from '../store/port.ts'
import type { Admission } from './admission.ts'
import { conditionOutcome, runAttempt } from './attempt.ts'
import { attemptRecord, decide } from './decide.ts'
import type { DispatcherPorts } from './dispatcher.ts'
import type { Buckets } from './buckets.ts'
import type { Gate } from './gate.ts'
import { insist, type InsistPorts } from './insist.ts'
import { hashOfSent } from './sent.ts'

/** Everybody waits for what runs alone. */
const LONGEST_ALONE = 30_000

/** What a runner shares with its lane. */
export interface RunnerPorts extends DispatcherPorts {
  readonly admission: Admission
  readonly gate: Gate
  readonly buckets: Buckets
  /** Deliveries that must not start, though they may be in memory. */
  readonly forgotten: ReadonlySet<number>
  /** Whether this claim may still start. */
  readonly admits: (claim: Claim) => boolean
  /** Aborts what still runs when the grace time is over. */
  readonly stop: AbortSignal
  /** Told when a delivery that stays open is due again. */
  readonly onOpen: (due: number) => void
}

/** An attempt under way. */
interface UnderWay {
  readonly startedAt: number
  /** Hashes of what the hook told that it sends. */
  readonly sent: Map<Claim, string>
}

/** Runs what its lane starts, and settles what came of it. */
export class Runner {
  readonly #connector: RegisteredConnector['configured']
  readonly #row: number
  readonly #ports: RunnerPorts
  readonly #insistence: InsistPorts

  constructor({ configured, row }: RegisteredConnector, ports: RunnerPorts) {
    this.#connector = configured
    this.#row = row.id
    this.#ports = ports
    const { clock, admission, stop } = ports
    const onRefused = (error: unknown) =>
      this.tell(error, 'the store refuses a result; it is kept and tried again')
    this.#insistence = { clock, admission, stop, onRefused }
  }

  /**
   * Runs the claims as one attempt, and stores what came of it; `onOver` is called when the attempt is cut, or when it
   * is decided what came of it and that waits for its commit.
   */
  async run(claims: readonly Claim[], onOver: () => void): Promise<void> {
    const attempt: UnderWay = { startedAt: this.#ports.clock.now(), sent: new Map() }
    const ended: (readonly [Claim, Outcome])[] = []
    const toRun: Claim[] = []
    for (const claim of claims) {
      const outcome = conditionOutcome(this.#connector, claim)
      if (outcome === undefined) toRun.push(claim)
      else ended.push([claim, outcome])
    }
    try {
      await this.#markBegun(toRun)
      // Asked last: the gate may have closed meanwhile, or a user been forgotten.
      const admitted = toRun.filter((claim) => this.#ports.admits(claim))
      const others = toRun.filter((claim) => !admitted.includes(claim))
      const [outcomes] = await Promise.all([
        admitted.length > 0 ? this.#callConnector(admitted, attempt, onOver) : [],
        others.length > 0 ? this.release(others) : undefined,
      ])
      for (const [index, claim] of admitted.entries()) {
        ended.push([claim, outcomes[index] ?? retry('the hook gave no outcome for it')])
      }
      if (ended.length > 0) await this.#settle(ended, attempt, onOver)
    } finally {
      for (const claim of claims) this.#ports.gate.noteEnd(claim)
    }
  }

  /** Gives back runs that have not begun; `due`: until when they are to wait, in epoch milliseconds. */
  async release(runs: readonly RunRef[], due?: number): Promise<void> {
    await insist(() => this.#ports.store.release(runs, due), this.#insistence)
    for (const run of runs) this.#ports.gate.noteEnd(run)
  }

  tell(error: unknown, message: string): void {
    this.#ports.logger.error({ err: error, connector: this.#connector.name }, message)
  }

  async #callConnector(
    claims: readonly Claim[],
    { startedAt, sent }: UnderWay,
    onCut: () => void,
  ): Promise<readonly Outcome[]> {
    const { store, clock, logger, redact, forgotten, stop } = this.#ports
    const { timeout } = this.#connector.settings
    return runAttempt(this.#connector, claims, {
      timeout: claims.some(({ alone }) => alone) ? Math.min(timeout, LONGEST_ALONE) : timeout,
      clock,
      logger,
      forgotten,
      stop,
      onCut,
      onSending: (claim, body) => sent.set(claim, hashOfSent(body)),
      onLate: (claim, outcome) => {
        const around = { startedAt, now: clock.now(), redact, sent: sent.get(claim) }
        const record = attemptRecord(claim.run, outcome, around)
        store
          .note(claim.delivery, {
            ...record,
            detail: `after its deadline: ${record.detail ?? record.outcome}`,
          })
          .catch((error: unknown) => this.tell(error, 'a late result is not noted'))
      },
    })
  }

  /** Marks, before the first byte, what a crash must be able to tell from what had not begun. */
  async #markBegun(claims: readonly Claim[]): Promise<void> {
    const { repeats, settings } = this.#connector
    const holds = repeats === 'harmful' && settings.on_unknown === 'hold'
    const marked = holds ? claims : claims.filter(({ suspect }) => suspect)
    if (marked.length === 0) return
    const mark = holds ? 'hold' : marked.some(({ alone }) => alone) ? 'alone' : 'suspect'
    await insist(() => this.#ports.store.begin(marked, mark), this.#insistence)
  }

  async #settle(
    ended: readonly (readonly [Claim, Outcome])[],
    { startedAt, sent }: UnderWay,
    onOver: () => void,
  ): Promise<void> {
    const { admission, buckets, clock, events, gate, onOpen, random, redact, stop, store } = this.#ports
    const settlements: Settlement[] = []
    const silences = stop.aborted ? 0 : gate.noteAnswers(ended.map(([, outcome]) => outcome))
    for (const [claim, outcome] of ended) {
      const settlement = decide(claim, outcome, {
        connector: this.#connector,
        row: this.#row,
        startedAt,
        now: clock.now(),
        random,
        redact,
        sent: sent.get(claim),
        parked: gate.parked,
        isCanary: gate.isCanary(claim),
        silences,
        released: gate.released,
        othersSucceed: gate.succeeded,
        stopping: stop.aborted,
      })
      if (settlement.state === 'delivered') gate.noteSuccess()
      if (settlement.gate !== null) gate.follow(settlement.gate, clock.now())
      settlements.push(settlement)
      if (Failure.is(outcome) && outcome.kind === 'throttled' && outcome.bucket !== undefined) {
        buckets.hold(pluginBucket(this.#connector.uses, outcome.bucket), settlement.due)
      }
    }
    const settled = admission.settling(settlements.length)
    onOver()
    const current = await insist(() => store.settle(settlements), this.#insistence).finally(settled)
    for (const [index, [claim]] of ended.entries()) {
      const settlement = settlements[index]
      if (settlement === undefined) continue
      const { delivery, state, due, attempt } = settlement
      // It may be stored though the store answered with an error, and then says that it is current no more.
      if (state === 'open') onOpen(due)
      if (current[index] !== true) continue
      // The operator may have opened it since it was decided: what is stored last holds.
      if (settlement.gate?.parked) gate.follow(settlement.gate, clock.now())
      events.emit('settled', {
        delivery,
        event: claim.event.id,
        connector: this.#connector.name,
        state,
        attempt,
      })
    }
  }
}
