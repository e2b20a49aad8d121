import { Liquid } from 'liquidjs'
import type { Escape } from './templates.ts'

// Templates come from the operator, values from strangers: the limits stop a value that explodes in a loop.
const LIMITS = { parseLimit: 100_000, memoryLimit: 1_000_000 }

/** Milliseconds by the clock, which go on while the machine does something else. */
export const RENDER_LIMIT = 200

/** Whether a rendering was stopped for its time. */
export const tookTooLong = (error: unknown): boolean =>
  error instanceof Error && error.message === 'template render limit exceeded'

const isNow = (value: unknown): boolean => value === 'now' || value === 'today'

const escapeText =
  (escape: Escape) =>
  (value: unknown): string =>
    escape(value === null || value === undefined ? '' : String(value))

/**
 * One engine for each kind of place that text goes to; without an escape, values keep their types. `raw` is gone,
 * since it would switch the escape off, and `now` is the time the event was received, so that a retry says what
 * the first try said.
 */
export const createLiquid = (escape?: Escape): Liquid => {
  const liquid = new Liquid({
    ...LIMITS,
    renderLimit: RENDER_LIMIT,
    ...(escape === undefined ? {} : { outputEscape: escapeText(escape) }),
    ownPropertyOnly: true,
    strictFilters: true,
    relativeReference: false,
    templates: {},
  })
  for (const name of [
    'date',
    'date_to_xmlschema',
    'date_to_rfc822',
    'date_to_string',
    'date_to_long_string',
  ]) {
    const original = liquid.filters[name]
    if (typeof original !== 'function') continue
    liquid.registerFilter(name, function (value: unknown, ...rest: unknown[]) {
      const at: unknown = isNow(value) ? this.context.getSync(['receivedAt']) : value
      const result: unknown = original.call(this, at, ...rest)
      return result
    })
  }
  delete liquid.filters['raw']
  return liquid
}
