import { describe, expect, test } from 'vitest'
import { createFaults } from './misbehaviour.ts'
import type { SmtpFault } from './misbehaviour.ts'

describe('faults', () => {
  test('happen until stopped when no number of times is given', () => {
    const faults = createFaults<SmtpFault>()
    const handle = faults.add({ kind: 'greylist' })
    expect(faults.take(['greylist'])).toBeDefined()
    expect(faults.take(['greylist'])).toBeDefined()
    handle.stop()
    expect(faults.take(['greylist'])).toBeUndefined()
  })

  test('run out after the given number of times, the oldest first', () => {
    const faults = createFaults<SmtpFault>()
    faults.add({ kind: 'greylist', times: 1 })
    faults.add({ kind: 'reject', times: 1 })
    const taken = [1, 2, 3].map(() => faults.take(['greylist', 'reject'])?.kind)
    expect(taken).toEqual(['greylist', 'reject', undefined])
  })

  test('of another kind, or that do not apply, are left standing', () => {
    const faults = createFaults<SmtpFault>()
    faults.add({ kind: 'reject', recipient: 'a@b.c', times: 1 })
    expect(faults.take(['greeting'])).toBeUndefined()
    expect(faults.take(['reject'], (fault) => fault.recipient === 'other@b.c')).toBeUndefined()
    expect(faults.take(['reject'], (fault) => fault.recipient === 'a@b.c')).toBeDefined()
  })

  test('of zero times never happen, and clear ends all', () => {
    const faults = createFaults<SmtpFault>()
    faults.add({ kind: 'reject', times: 0 })
    expect(faults.take(['reject'])).toBeUndefined()
    faults.add({ kind: 'reject' })
    faults.clear()
    expect(faults.take(['reject'])).toBeUndefined()
  })
})
