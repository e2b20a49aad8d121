import type { Books, Entry } from './books.ts'
import type { FarSide, Visits } from './far-side.ts'
import { CONNECTORS } from './folder.ts'

export interface Verdict {
  readonly events: number
  /** Accepted, and not in the store. */
  readonly lost: number
  readonly deliveries: number
  readonly states: Readonly<Record<string, number>>
  /** How often a far side took on what it had taken on before, by connector. */
  readonly repeats: Readonly<Record<string, number>>
  /** Rows of histories that tell of an end without an answer. */
  readonly cut: number
  /** What must not be, a line each; the first of many. */
  readonly problems: readonly string[]
}

const MOST_PROBLEMS = 20

const isFinal = ({ connector, state }: Entry): boolean =>
  state === 'delivered' || (connector === 'holding' && state === 'unknown')

/** What is wrong with one delivery; empty when nothing is. */
const faultsOf = (entry: Entry, { arrived, taken, sameKey }: Visits): readonly string[] => {
  const { connector, state, reason, told, lost } = entry
  return [
    isFinal(entry) ? '' : `ended as ${state}: ${reason}`,
    state === 'delivered' && taken === 0 ? 'delivered, and the far side knows nothing of it' : '',
    arrived > told + lost ? `arrived ${arrived} times, and the history has ${told + lost} attempts` : '',
    arrived < told ? `arrived ${arrived} times, and ${told} attempts tell of an answer` : '',
    connector === 'holding' && taken > 1 ? `was held back, and yet taken ${taken} times` : '',
    sameKey ? '' : 'came with different idempotency keys',
  ].filter((fault) => fault !== '')
}

/** Compares, delivery by delivery, what callers were promised, the store tells and the far side saw. */
export const judge = (books: Books, farSide: FarSide, accepted: ReadonlySet<string>): Verdict => {
  const problems: string[] = []
  const states: Record<string, number> = {}
  const repeats: Record<string, number> = Object.fromEntries(CONNECTORS.map((name) => [name, 0]))
  let [deliveries, cut] = [0, 0]
  for (const entry of books.all()) {
    const { id, connector, event, state } = entry
    const visits = farSide.visits(connector, event)
    deliveries += 1
    cut += entry.lost + entry.unknown
    states[state] = (states[state] ?? 0) + 1
    repeats[connector] = (repeats[connector] ?? 0) + Math.max(0, visits.taken - 1)
    for (const fault of faultsOf(entry, visits)) problems.push(`${connector} ${id}: ${fault}`)
  }
  const events = books.events()
  const lost = [...accepted].filter((id) => !events.has(id)).length
  if (lost > 0) problems.push(`${lost} accepted events are not in the store`)
  if (deliveries !== events.size * CONNECTORS.length) {
    problems.push(`${events.size} events have ${deliveries} deliveries`)
  }
  return {
    events: events.size,
    lost,
    deliveries,
    states,
    repeats,
    cut,
    problems: problems.slice(0, MOST_PROBLEMS),
  }
}
