import { once } from 'node:events'
import {
  delivered,
  misconfigured,
  rejected,
  retry,
  throttled,
  unknown,
  type BatchHook,
  type Hook,
  type Outcome,
  type RegistrationEvent,
  type Run,
} from '@onsignup/core'
import type { Faults } from './faulty-store.ts'
import type { Ledger } from './ledger.ts'

/** A connector whose hook ends the process when it is called for such a user. */
export const poisonOf = (connector: string, n: number): string => `poison of ${connector} ${n}`

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** What is outside the engine: it takes, refuses, hangs, and is well in the end. */
export class FarSide {
  readonly #random: () => number
  readonly #ledger: Ledger
  /** Every answer is good from now on. */
  calm = false

  constructor(random: () => number, ledger: Ledger) {
    this.#random = random
    this.#ledger = ledger
  }

  /** What it makes of a call; null: no answer ever. */
  #answer(): Outcome | null {
    if (this.calm) return delivered()
    const draw = this.#random()
    if (draw < 0.5) return delivered()
    if (draw < 0.62) return retry('HTTP 503')
    if (draw < 0.7) return throttled('slow', { after: 1_000 + Math.floor(this.#random() * 20_000) })
    if (draw < 0.76) return misconfigured('token revoked')
    if (draw < 0.8) return rejected('bad address')
    if (draw < 0.88) return unknown('connection cut')
    return null
  }

  /** One event is sent; null: no answer ever, or the process has ended. */
  #send(
    event: RegistrationEvent,
    name: string,
    { faults, goesOn }: { readonly faults: Faults; readonly goesOn: boolean },
  ): Outcome | null {
    const send = this.#ledger.sent(event, name, goesOn)
    if (event.user.id.startsWith(`poison of ${name} `)) {
      faults.alive = false
      return null
    }
    const outcome = this.#answer()
    send.took =
      outcome?.kind === 'delivered' ||
      (outcome === null || outcome.kind === 'unknown' ? this.#random() < 0.5 : false)
    if (this.calm) this.#ledger.answeredWell(name)
    return outcome
  }

  async #wait(outcomes: readonly (Outcome | null)[], run: Run, faults: Faults): Promise<readonly Outcome[]> {
    if (!faults.alive) return never()
    if (this.#random() < 0.5) await turn()
    const answers = outcomes.filter((outcome) => outcome !== null)
    if (answers.length === outcomes.length) return answers
    if (!run.signal.aborted) await once(run.signal, 'abort')
    throw run.signal.reason
  }

  /** The hooks of a connector in one generation of the engine. */
  hooks(
    name: string,
    paused: ReadonlySet<string>,
    faults: Faults,
  ): { readonly one: Hook; readonly many: BatchHook } {
    // An attempt keeps its signal when it goes on with a smaller part of its batch.
    const begun = new WeakSet<AbortSignal>()
    const begin = ({ signal }: Run): { readonly goesOn: boolean } => {
      const goesOn = begun.has(signal)
      begun.add(signal)
      if (paused.has(name) && !goesOn) {
        this.#ledger.violate(`9: ${name} is paused, and an attempt started`)
      }
      return { goesOn }
    }
    return {
      one: async (event, run) => {
        // The process is gone: its code runs on in this one, but nothing of it reaches the far side.
        if (!faults.alive) return never()
        const { goesOn } = begin(run)
        const [outcome] = await this.#wait([this.#send(event, name, { faults, goesOn })], run, faults)
        return outcome
      },
      many: async (items, run) => {
        if (!faults.alive) return never()
        const { goesOn } = begin(run)
        // It takes none of them, and does not say for which.
        if (!this.calm && this.#random() < 0.1) throw rejected('one of them is bad')
        const outcomes: (Outcome | null)[] = []
        for (const { event } of items) {
          if (faults.alive) outcomes.push(this.#send(event, name, { faults, goesOn }))
        }
        return this.#wait(outcomes, run, faults)
      },
    }
  }
}
