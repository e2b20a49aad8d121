import type { Reading } from './reading.ts'

/** Committed calls between two checkpoints; each writes a few pages. */
const CALLS = 1_000

/**
 * Asks for a checkpoint now and then; told how many calls each commit made durable. One that fails is no harm: the
 * writer makes its own when the WAL has grown to its cap.
 */
export const checkpointsBy = ({ checkpoint }: Pick<Reading, 'checkpoint'>): ((calls: number) => void) => {
  let since = 0
  let running = false
  return (calls) => {
    since += calls
    if (running || since < CALLS) return
    since = 0
    running = true
    const over = () => {
      running = false
    }
    checkpoint().then(over, over)
  }
}
