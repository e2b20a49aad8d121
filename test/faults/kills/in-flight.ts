import type { Books } from './books.ts'
import type { FarSide } from './far-side.ts'

/** Counts, after each kill, the requests that had arrived and of whose answer the store knows nothing. */
export const createInFlight = (farSide: FarSide): ((books: Books) => number) => {
  const before = new Map<number, number>()
  return (books) => {
    let count = 0
    for (const { id, connector, event, told } of books.held()) {
      const untold = farSide.visits(connector, event).arrived - told
      count += untold - (before.get(id) ?? 0)
      before.set(id, untold)
    }
    return count
  }
}
