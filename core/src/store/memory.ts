import { OnSignupError } from '../errors.ts'
import type { RegistrationEvent } from '../event/schema.ts'
import { lostRun } from './lost-run.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import { createMemoryRefused } from './memory-refused.ts'
import { createMemoryStates } from './memory-states.ts'
import {
  backfilledDelivery,
  bornConnector,
  bornDelivery,
  changedGate,
  dropped,
  forgotten,
  isOfUser,
  isWithin,
  matches,
  putBack,
  renamed,
  toClaim,
  toView,
  type Connector,
  type Delivery,
} from './memory-rows.ts'
import type {
  Accept,
  Accepted,
  GateChange,
  Newborn,
  Period,
  RetrySelection,
  RunRef,
  Settlement,
  Store,
} from './port.ts'
import { DROPPED, WHEN_IDLE } from './port.ts'
import { withoutGiven } from './registration.ts'

/**
 * A store that keeps nothing beyond the process: the reference that the others are compared with, and what tests
 * use. Opened again, it does what a restart after a crash does.
 */
export const createMemoryStore = (): Store => {
  const events = new Map<string, RegistrationEvent>()
  const ledger = createMemoryLedger()
  /** Historical events in whose place a live one came. */
  const replaced = new Set<string>()
  const connectors = new Map<number, Connector>()
  const deliveries = new Map<number, Delivery>()
  const states = createMemoryStates()
  const refused = createMemoryRefused()
  let isOpen = false
  let lastId = 0
  let lastConnector = 0

  const mustBeOpen = (): void => {
    if (isOpen) return
    throw new OnSignupError('store_unavailable', 'the store in memory is not open', { mend: 'open it first' })
  }

  const change = (delivery: Delivery, changes: Partial<Delivery>): void => {
    deliveries.set(delivery.id, { ...delivery, ...changes })
  }

  /** The delivery that this run still holds: the fence before everything that a holder changes. */
  const heldBy = ({ delivery: id, run }: RunRef): Delivery | undefined => {
    const delivery = deliveries.get(id)
    return delivery?.held && delivery.run === run ? delivery : undefined
  }

  const allFreeOf = (connector: number): readonly Delivery[] =>
    [...deliveries.values()]
      .filter((delivery) => delivery.connector === connector && delivery.state === 'open' && !delivery.held)
      .toSorted((a, b) => a.due - b.due || a.id - b.id)

  const freeOf = (connector: number): readonly Delivery[] =>
    allFreeOf(connector).filter(({ due }) => due !== WHEN_IDLE)

  const handOut = (claimed: readonly Delivery[]) =>
    claimed.map((delivery) => {
      const held = { ...delivery, held: true, run: delivery.run + 1 }
      change(delivery, held)
      return toClaim(held)
    })

  const connectorsOf = (event: string): ReadonlySet<number> =>
    new Set(
      [...deliveries.values()]
        .filter((delivery) => delivery.event.id === event)
        .map(({ connector }) => connector),
    )

  const missingOf = (connector: number, period: Period): readonly RegistrationEvent[] =>
    [...events.values()].filter(
      (event) =>
        !event.source.test &&
        !replaced.has(event.id) &&
        isWithin(event, period) &&
        !connectorsOf(event.id).has(connector),
    )

  const changeGate = ({ connector, ...gate }: GateChange): void => {
    const row = connectors.get(connector)
    if (row) connectors.set(connector, changedGate(row, gate))
  }

  const accept = ({ event, keys, deliveries: wanted }: Accept): Accepted => {
    // A test event is never a repeat of another; the ledger, which is kept for ever, need not know it.
    const known = event.source.test ? undefined : ledger.find(keys)
    const isReplaced = known?.kind === 'historical' && !event.source.historical
    if (known && !isReplaced)
      return { kind: known.kind === 'conflict' ? 'conflict' : 'duplicate', id: known.id }
    const given = isReplaced ? connectorsOf(known.id) : new Set<number>()
    if (isReplaced) replaced.add(known.id)
    if (!event.source.test) ledger.add(event, keys)
    const stored = structuredClone(event)
    events.set(event.id, stored)
    const held: Newborn[] = []
    for (const birth of withoutGiven(wanted, given)) {
      lastId += 1
      const delivery = bornDelivery(lastId, stored, birth)
      deliveries.set(delivery.id, delivery)
      if (delivery.held) held.push({ ...toClaim(delivery), connector: birth.connector })
    }
    return { kind: 'accepted', id: event.id, held }
  }

  const settle = ({ state, due, counts, reason, suspect, attempt, gate, ...ref }: Settlement): boolean => {
    const delivery = heldBy(ref)
    if (!delivery) return false
    const attempts = [...delivery.attempts, attempt]
    change(delivery, { ...counts, state, due, reason, suspect, attempts, held: false, alone: false })
    if (gate) changeGate(gate)
    return true
  }

  const chosen = (selection: Exclude<RetrySelection, { delivery: number }>): readonly Delivery[] =>
    [...deliveries.values()].filter(
      ({ state, connector, event }) =>
        state === selection.state &&
        events.has(event.id) &&
        (selection.connector === null || connectors.get(connector)?.name === selection.connector),
    )

  return {
    async open(now) {
      isOpen = true
      for (const delivery of deliveries.values()) {
        if (!delivery.held) continue
        const { attempt, ...ended } = lostRun(delivery, now)
        const attempts = [...delivery.attempts, attempt]
        change(delivery, { ...ended, attempts, held: false, suspect: true })
      }
    },

    async register(wanted) {
      mustBeOpen()
      const known = [...connectors.values()]
      for (const row of known) connectors.set(row.id, { ...row, current: false })
      return wanted.map(({ name, uses }) => {
        const found = known.find((row) => row.name === name && row.uses === uses)
        const { current: _, ...row } = found ?? bornConnector((lastConnector += 1), { name, uses }, known)
        connectors.set(row.id, { ...row, current: true })
        return row
      })
    },

    async rename(id, name) {
      mustBeOpen()
      const row = connectors.get(id)
      if (row === undefined || row.name === name) return { kind: 'renamed' }
      const other = [...connectors.values()].find((each) => each.name === name && each.uses === row.uses)
      const theirs = [...deliveries.values()].filter(({ connector }) => connector === other?.id)
      if (theirs.length > 0) {
        const open = theirs.filter(({ state }) => state === 'open')
        return { kind: 'taken', deliveries: theirs.length, open: open.length }
      }
      if (other) connectors.delete(other.id)
      connectors.set(id, renamed(row, name, other))
      states.move(row, { ...row, name })
      return { kind: 'renamed' }
    },

    async append(accepts) {
      mustBeOpen()
      for (const { connector } of accepts.flatMap((each) => each.deliveries)) {
        if (connectors.has(connector)) continue
        throw new OnSignupError('store_unavailable', `the store in memory has no connector ${connector}`, {
          mend: 'register connectors before accepting events for them',
        })
      }
      return accepts.map(accept)
    },

    async claim(connector, now, limit) {
      mustBeOpen()
      return handOut(
        freeOf(connector)
          .filter(({ due }) => due <= now)
          .slice(0, limit),
      )
    },

    async claimIdle(connector, _now, limit) {
      mustBeOpen()
      return handOut(
        allFreeOf(connector)
          .filter(({ due }) => due === WHEN_IDLE)
          .slice(0, limit),
      )
    },

    async held() {
      return [...deliveries.values()]
        .filter(({ held }) => held)
        .map(({ id, run, connector }) => ({ delivery: id, run, connector }))
    },

    async nextDue(connector) {
      mustBeOpen()
      return freeOf(connector)[0]?.due ?? null
    },

    async countDue(connector, now, limit) {
      mustBeOpen()
      return Math.min(limit, freeOf(connector).filter(({ due }) => due <= now).length)
    },

    async begin(runs, mark) {
      mustBeOpen()
      for (const ref of runs) {
        const delivery = heldBy(ref)
        if (delivery) change(delivery, { begun: ref.run, mark })
      }
    },

    async settle(settlements) {
      mustBeOpen()
      return settlements.map(settle)
    },

    async release(runs, due) {
      mustBeOpen()
      for (const ref of runs) {
        const delivery = heldBy(ref)
        if (delivery) change(delivery, { held: false, due: due ?? delivery.due })
      }
    },

    async note(id, attempt) {
      mustBeOpen()
      const delivery = deliveries.get(id)
      if (delivery && events.has(delivery.event.id)) {
        change(delivery, { attempts: [...delivery.attempts, attempt] })
      }
    },

    async changeGate(gate) {
      mustBeOpen()
      changeGate(gate)
    },

    async connectors() {
      mustBeOpen()
      return [...connectors.values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.id - b.id)
    },

    async retry(selection, now) {
      mustBeOpen()
      if ('delivery' in selection) {
        const delivery = deliveries.get(selection.delivery)
        if (!delivery) return { kind: 'missing' }
        if (!events.has(delivery.event.id)) return { kind: 'forgotten' }
        if (delivery.state === 'open') return { kind: delivery.held ? 'running' : 'open' }
        if (delivery.state === 'delivered' && !selection.again) return { kind: 'delivered' }
        change(delivery, putBack(delivery, now))
        return { kind: 'retried', deliveries: [delivery.id], connectors: [delivery.connector] }
      }
      const all = chosen(selection)
      for (const delivery of all) change(delivery, putBack(delivery, now))
      const ids = new Set(all.map(({ connector }) => connector))
      return { kind: 'retried', deliveries: all.map(({ id }) => id), connectors: [...ids] }
    },

    async countMissing(connector, period) {
      mustBeOpen()
      return missingOf(connector, period).length
    },

    async backfill(connector, period) {
      mustBeOpen()
      const missing = missingOf(connector, period)
      for (const event of missing) {
        lastId += 1
        deliveries.set(lastId, backfilledDelivery(lastId, event, connector))
      }
      return missing.length
    },

    async drop(name, now) {
      mustBeOpen()
      const orphaned = [...deliveries.values()].filter(({ state, connector }) => {
        const row = connectors.get(connector)
        return row?.name === name && !row.current && (state === 'open' || state === 'unknown')
      })
      for (const delivery of orphaned) change(delivery, dropped(delivery, now, DROPPED))
      return orphaned.length
    },

    async purge() {},

    async forget(user, now) {
      mustBeOpen()
      const theirs = [...events.values()].filter((event) => isOfUser(event, user))
      const open: number[] = []
      for (const { id } of theirs) {
        events.delete(id)
        ledger.close(id)
        for (const delivery of deliveries.values()) {
          if (delivery.event.id !== id) continue
          if (delivery.state === 'open') open.push(delivery.id)
          change(delivery, forgotten(delivery, now))
        }
      }
      refused.forget(user)
      return { events: theirs.length, deliveries: open }
    },

    async erase(before) {
      mustBeOpen()
      let erased = 0
      for (const event of events.values()) {
        const theirs = [...deliveries.values()].filter((delivery) => delivery.event.id === event.id)
        const isOver = theirs.every(({ state, due }) => state !== 'open' && due < before)
        if (!isOver || Date.parse(event.receivedAt) >= before) continue
        events.delete(event.id)
        // To whom a backfill gave it is known no more.
        if (theirs.length > 0) ledger.close(event.id)
        for (const { id } of theirs) deliveries.delete(id)
        erased += 1
      }
      return erased
    },

    async recall(owner, key) {
      mustBeOpen()
      return states.recall(owner, key)
    },

    async keep(owner, key, value) {
      mustBeOpen()
      states.keep(owner, key, value)
    },

    async keepRefused(all) {
      mustBeOpen()
      refused.keep(all)
    },

    async listRefused(query) {
      mustBeOpen()
      return refused.list(query)
    },

    async dropRefused(which) {
      mustBeOpen()
      return refused.drop(which)
    },

    async event(id) {
      mustBeOpen()
      const event = events.get(id)
      return event ? structuredClone(event) : null
    },

    async deliveries(query, now) {
      mustBeOpen()
      return [...deliveries.values()]
        .toReversed()
        .flatMap((delivery) => {
          const connector = connectors.get(delivery.connector)
          return connector
            ? [toView(delivery, connector, { now, outputs: query.delivery !== undefined })]
            : []
        })
        .filter((view) => matches(view, query))
        .slice(0, query.limit)
    },

    async probe() {
      mustBeOpen()
    },

    async close() {
      isOpen = false
    },
  }
}
