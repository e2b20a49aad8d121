import { z } from 'zod'
import { LONGEST_DATA, type FromRunner } from './runner/protocol.ts'

const text = z.string().max(1_000_000)

const words = z.object({
  message: text,
  name: text.optional(),
  code: text.optional(),
  stack: text.optional(),
  cause: z.object({ message: text, code: text.optional() }).optional(),
})

const end = z.discriminatedUnion('how', [
  z.object({
    how: z.literal('called back'),
    error: words.optional(),
    response: text.optional(),
    said: text.optional(),
  }),
  z.object({ how: z.literal('threw'), error: words }),
  z.object({ how: z.literal('returned') }),
])

const data = z.string().max(LONGEST_DATA)

const request = z.discriminatedUnion('op', [
  z.object({ op: z.literal('storage.get') }),
  z.object({ op: z.literal('storage.set'), data: data.nullable(), etag: text.nullish() }),
  z.object({
    op: z.literal('cache.set'),
    key: text,
    record: z.object({ value: text, expires_at: z.number() }),
  }),
  z.object({ op: z.literal('cache.delete'), key: text }),
])

const message: z.ZodType<FromRunner> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('started') }),
  z.object({
    type: z.literal('unusable'),
    why: z.enum(['invalid', 'no function', 'module missing']),
    error: words,
  }),
  z.object({ type: z.literal('end'), end }),
  z.object({ type: z.literal('uncaught'), error: words }),
  z.object({ type: z.literal('late'), error: words }),
  z.object({ type: z.literal('output'), level: text, text }),
  z.object({ type: z.literal('output cut') }),
  z.object({ type: z.literal('state'), call: z.number(), request }),
  z.object({ type: z.literal('idle'), silent: z.enum(['no', 'resolved', 'yes']), unclean: text.optional() }),
])

/** A line of the runner's, parsed; undefined when it is none, since a script can write to the runner's channel. */
export const parseLine = (
  line: string,
): { readonly run: string; readonly message: FromRunner } | undefined => {
  const space = line.indexOf(' ')
  if (space < 0) return undefined
  try {
    const parsed = message.safeParse(JSON.parse(line.slice(space + 1)))
    return parsed.success ? { run: line.slice(0, space), message: parsed.data } : undefined
  } catch {
    return undefined
  }
}
