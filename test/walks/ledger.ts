import type { RegistrationEvent } from '@onsignup/core'
import type { Claim, Settlement } from '@onsignup/core/engine'

/** One call of a connector's hook, as the far side saw it. */
interface Send {
  took: boolean
  /** A settlement of its run that tells what became of it is in the store. */
  settled: boolean
  /** Its run has ended, one way or another. */
  isOver: boolean
}

/** What was seen of one delivery, over all generations of the engine. */
export interface Seen {
  readonly key: string
  readonly connector: string
  readonly user: string
  readonly sends: Send[]
  run: number
  tries: number
  isCutOff: boolean
  /** The store knows that its run has begun, with nothing beside it. */
  isBegunAlone: boolean
  /** How often the process ended while it, and nothing else, was in flight. */
  lossesAlone: number
}

/** What everybody saw of a walk, and the first promise that was broken. */
export class Ledger {
  readonly deliveries = new Map<number, Seen>()
  readonly acknowledged = new Set<string>()
  readonly forgotten = new Set<string>()
  /** Events that were old enough to be deleted. */
  readonly erased = new Set<string>()
  readonly #stored = new Set<string>()
  readonly #byKey = new Map<string, Seen>()
  readonly #users = new Set<string>()
  readonly #last = new Map<string, Send>()
  /** Connectors whose gate is closed, with what tests it now. */
  readonly #canaries = new Map<string, string | null>()
  /** Connectors of which a call was answered well since the far side is well and their gate last closed. */
  readonly #well = new Set<string>()
  broken: string | null = null

  violate(what: string): void {
    this.broken ??= what
  }

  gateClosed(connector: string): void {
    this.#canaries.set(connector, null)
    this.#well.delete(connector)
  }

  /** The far side is well, and took a call. */
  answeredWell(connector: string): void {
    this.#well.add(connector)
  }

  /** What the gates must have come to when all is over. */
  judgeGates(): void {
    for (const connector of this.#canaries.keys()) {
      if (this.#well.has(connector))
        this.violate(`2: the gate of ${connector} is closed though its canary was delivered`)
    }
  }

  gateOpened(connector: string): void {
    this.#canaries.delete(connector)
  }

  stored(event: string): void {
    this.#stored.add(event)
  }

  /** The store handed a run out. */
  handedOut(claim: Claim, connector: string): void {
    const { delivery, run, event } = claim
    const key = `${event.id} ${connector}`
    const known = this.deliveries.get(delivery)
    if (known === undefined) {
      const seen = {
        key,
        connector,
        user: event.user.id,
        sends: [],
        run,
        tries: claim.tries,
        isCutOff: false,
        isBegunAlone: false,
        lossesAlone: 0,
      }
      const registration = `${event.user.id} ${connector}`
      if (this.#users.has(registration)) this.violate(`17: a second delivery of ${registration}`)
      this.#users.add(registration)
      this.deliveries.set(delivery, seen)
      this.#byKey.set(key, seen)
      return
    }
    if (run <= known.run) this.violate(`7: run ${run} was handed out after run ${known.run}`)
    known.run = run
    known.tries = claim.tries
  }

  /** A settlement is in the store. */
  settled({ delivery, run, counts, attempt }: Settlement): void {
    const seen = this.deliveries.get(delivery)
    if (seen === undefined) return
    if (run !== seen.run) this.violate(`7: run ${run} was settled, and ${seen.run} is the current one`)
    if (attempt.outcome === 'throttled' && counts.tries !== seen.tries)
      this.violate('16: a rate limit was counted')
    seen.isBegunAlone = false
    const last = this.#last.get(seen.key)
    if (last !== undefined) last.isOver = true
    if (last !== undefined && attempt.outcome !== 'unknown') last.settled = true
    if (this.#canaries.get(seen.connector) === seen.key) this.#canaries.set(seen.connector, null)
  }

  /** Their user was forgotten while they were open: what comes of a run that goes on is written nowhere. */
  cutOff(deliveries: readonly number[]): void {
    for (const delivery of deliveries) {
      const seen = this.deliveries.get(delivery)
      if (seen === undefined) continue
      seen.isCutOff = true
      seen.isBegunAlone = false
      for (const send of seen.sends) send.isOver = true
      if (this.#canaries.get(seen.connector) === seen.key) this.#canaries.set(seen.connector, null)
    }
  }

  /** Their runs are marked as begun with nothing beside them, or were given back before their first byte. */
  setBegunAlone(deliveries: readonly number[], isBegunAlone: boolean): void {
    for (const delivery of deliveries) {
      const seen = this.deliveries.get(delivery)
      if (seen !== undefined) seen.isBegunAlone = isBegunAlone
    }
  }

  /** The process has ended. */
  crashed(): void {
    const inFlight = [...this.deliveries.values()].filter(
      ({ sends, isBegunAlone }) => isBegunAlone || sends.some(({ isOver }) => !isOver),
    )
    const [only] = inFlight
    if (only !== undefined && inFlight.length === 1) only.lossesAlone += 1
    for (const seen of inFlight) {
      seen.isBegunAlone = false
      for (const send of seen.sends) send.isOver = true
    }
  }

  /** An operator put it back: it may be sent again, whatever was not answered. */
  forced(delivery: number): void {
    for (const send of this.deliveries.get(delivery)?.sends ?? []) send.settled = true
  }

  /** The hook is called; `goesOn`: by an attempt that had begun before, with a smaller part of its batch. */
  sent(event: RegistrationEvent, connector: string, goesOn: boolean): Send {
    const key = `${event.id} ${connector}`
    const seen = this.#byKey.get(key)
    const send = { took: false, settled: false, isOver: false }
    if (!this.#stored.has(event.id)) this.violate('14: an attempt started for an event that is not stored')
    if (this.forgotten.has(event.user.id)) this.violate('8: an attempt started after its user was forgotten')
    if (seen === undefined) {
      this.violate('14: an attempt started that the store did not hand out')
      return send
    }
    if (connector === 'holding' && seen.sends.some(({ settled }) => !settled)) {
      this.violate('4: it holds, and was sent again though no answer was stored')
    }
    const canary = this.#canaries.get(connector)
    if (canary !== undefined && canary !== null && !goesOn) {
      this.violate(`9, 10: two attempts of ${connector} started while its gate was closed`)
    }
    if (canary === null && !goesOn) this.#canaries.set(connector, key)
    // Nothing will be stored of it.
    send.isOver = seen.isCutOff
    seen.sends.push(send)
    this.#last.set(key, send)
    return send
  }
}
