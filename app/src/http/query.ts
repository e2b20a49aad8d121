import type { Context } from 'hono'
import { z } from 'zod'
import { ProblemError } from './problem.ts'

export const integer = (from: number, to: number) => z.coerce.number().int().min(from).max(to)

/** A request's parameters, or a problem that names what is wrong with them. */
export const query = <S extends z.ZodType>(schema: S, c: Context): z.output<S> => {
  const parsed = schema.safeParse(c.req.query())
  if (parsed.success) return parsed.data
  throw new ProblemError({
    status: 400,
    code: 'invalid_query',
    title: 'the query is not understood',
    errors: parsed.error.issues.map(({ path, message }) => ({ path: z.core.toDotPath(path), message })),
  })
}

const rowId = integer(1, Number.MAX_SAFE_INTEGER)

/** The id in a request's path; undefined when it can be none. */
export const idOf = (c: Context): number | undefined => rowId.safeParse(c.req.param('id')).data
