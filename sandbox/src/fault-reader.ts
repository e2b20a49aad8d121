import { isObject } from './json.ts'
import type { SalesforceFault, SlackFault, SmtpFault } from './misbehaviour.ts'

export type Reading<F> = { readonly fault: F } | { readonly problem: string }

/** Reads a Slack fault that came as JSON. */
export const readSlackFault = reader<SlackFault>({
  ...httpShapes(),
  error: { ...onRequest(), error: 'string', details: 'object?' },
})

/** Reads a Salesforce fault that came as JSON. */
export const readSalesforceFault = reader<SalesforceFault>({
  ...httpShapes(),
  error: { ...onRequest(), errorCode: 'string', message: 'string?', status: 'status?' },
  'expired-session': onRequest(),
  'record-error': {
    ...onRequest(),
    statusCode: 'string',
    message: 'string?',
    fields: 'strings?',
    index: 'count?',
    where: 'object?',
  },
})

/** Reads an SMTP fault that came as JSON. */
export const readSmtpFault = reader<SmtpFault>({
  greeting: reply(),
  'hang-at-greeting': { times: 'count?' },
  'refuse-auth': reply(),
  'refuse-sender': reply(),
  greylist: { ...reply(), recipient: 'string?' },
  reject: { ...reply(), recipient: 'string?' },
  'cut-mid-data': { times: 'count?' },
  'refuse-message': reply(),
  'cut-after-dot': { times: 'count?', afterEffect: 'boolean?' },
  'hang-after-dot': { times: 'count?', afterEffect: 'boolean?' },
})

type Type = keyof typeof TYPES
type Shape = Readonly<Record<string, Type | `${Type}?`>>

const NAMES: Partial<Record<Type, string>> = {
  strings: 'a list of strings',
  headers: 'an object of strings',
  object: 'an object',
  count: 'a whole number, 0 or more',
  status: 'an HTTP status from 200 to 599',
  after: 'a number of seconds or a string',
  place: 'before-headers or mid-body',
}

const TYPES = {
  any: () => true,
  string: (value: unknown) => typeof value === 'string',
  boolean: (value: unknown) => typeof value === 'boolean',
  object: isObject,
  strings: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  headers: (value: unknown) => isObject(value) && Object.values(value).every((it) => typeof it === 'string'),
  count: (value: unknown) => Number.isInteger(value) && Number(value) >= 0,
  status: (value: unknown) => Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599,
  after: (value: unknown) => typeof value === 'string' || typeof value === 'number',
  place: (value: unknown) => value === 'before-headers' || value === 'mid-body',
} satisfies Readonly<Record<string, (value: unknown) => boolean>>

function onRequest() {
  return { times: 'count?', path: 'string?', method: 'string?' } as const
}

function httpShapes() {
  const onAnswer = { ...onRequest(), afterEffect: 'boolean?' } as const
  return {
    status: { ...onAnswer, status: 'status', headers: 'headers?', body: 'any?' },
    'rate-limit': { ...onAnswer, retryAfter: 'after?' },
    hang: onAnswer,
    cut: { ...onAnswer, at: 'place' },
    stall: onAnswer,
    redirect: { ...onAnswer, to: 'string', status: 'status?' },
    html: onAnswer,
    empty: onAnswer,
  } as const
}

function reply() {
  return { times: 'count?', code: 'count?', message: 'string?' } as const
}

function reader<F extends { readonly kind: string }>(shapes: Readonly<Record<F['kind'], Shape>>) {
  const known = new Map<unknown, Shape>(Object.entries<Shape>(shapes))

  function problemOf(value: unknown): string | undefined {
    if (!isObject(value)) return 'a fault is an object, such as { "kind": "hang" }'
    const shape = known.get(value['kind'])
    if (shape === undefined) return `kind must be one of ${[...known.keys()].join(', ')}`
    const extra = Object.keys(value).find((name) => name !== 'kind' && shape[name] === undefined)
    if (extra !== undefined)
      return `${extra} is unknown; ${String(value['kind'])} takes ${Object.keys(shape).join(', ')}`
    const wrong = Object.entries(shape).find(([name, type]) => !isOf(type, value[name]))
    return wrong === undefined ? undefined : `${wrong[0]} must be ${nameOf(wrong[1])}`
  }

  function fits(value: unknown): value is F {
    return problemOf(value) === undefined
  }

  return (value: unknown): Reading<F> =>
    fits(value) ? { fault: value } : { problem: problemOf(value) ?? 'unreadable' }
}

function nameOf(type: Type | `${Type}?`): string {
  const bare = type.replace('?', '')
  return Object.entries(NAMES).find(([name]) => name === bare)?.[1] ?? `a ${bare}`
}

function isOf(type: Type | `${Type}?`, value: unknown): boolean {
  const optional = type.endsWith('?')
  if (value === undefined) return optional
  const bare = type.replace('?', '')
  const test = Object.entries(TYPES).find(([name]) => name === bare)?.[1]
  return test?.(value) ?? false
}
