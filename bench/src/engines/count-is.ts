import { setTimeout } from 'node:timers/promises'
import type { Pool } from 'pg'
import { z } from 'zod'

const countSchema = z.tuple([z.object({ count: z.coerce.number() })])

/** Asks every 5 ms until the query's count is this. */
export const countIs = async (pool: Pool, query: string, wanted: number): Promise<void> => {
  for (;;) {
    const { rows } = await pool.query(query)
    const [{ count }] = countSchema.parse(rows)
    if (count === wanted) return
    await setTimeout(5)
  }
}
