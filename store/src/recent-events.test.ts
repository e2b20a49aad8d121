import { expect, test } from 'vitest'
import { RecentEvents, type EventKnown } from './recent-events.ts'

const event = (seq: number, user: string | null = `u${seq}`): EventKnown => ({
  seq,
  id: `e${seq}`,
  receivedAt: seq,
  user,
  source: user === null ? null : `s${seq}`,
  createdAt: null,
  historical: false,
})

test('an event is known by its keys at once, and counted when it is committed', () => {
  const recent = new RecentEvents()
  recent.add(event(1))
  expect(recent.ofUser('u1')?.id).toBe('e1')
  expect(recent.ofSource('s1')?.id).toBe('e1')
  expect([recent.size, recent.all()]).toEqual([0, []])
  recent.commit()
  expect([recent.size, recent.all()]).toEqual([1, [event(1)]])
})

test('what is rolled back is not known any more, and what it took the place of is again', () => {
  const recent = new RecentEvents()
  recent.add(event(1, 'ada'))
  recent.commit()
  const mark = recent.mark()
  recent.add(event(2, 'ada'))
  recent.add(event(3, 'ada'))
  recent.add(event(4, null))
  expect(recent.ofUser('ada')?.id).toBe('e3')
  recent.rollBackTo(mark)
  expect(recent.ofUser('ada')?.id).toBe('e1')
  expect([recent.ofSource('s2'), recent.ofSource('s3')]).toEqual([undefined, undefined])
  expect(recent.ofSource('s1')?.id).toBe('e1')
  expect(recent.all()).toEqual([event(1, 'ada')])
})

test('what is indexed is dropped, but for a user who registered anew since', () => {
  const recent = new RecentEvents()
  for (const each of [event(1, 'ada'), event(2, 'bob')]) recent.add(each)
  recent.commit()
  const indexed = recent.all().length
  recent.add(event(3, 'ada'))
  recent.commit()
  recent.drop(indexed)
  expect([recent.ofUser('ada')?.id, recent.ofUser('bob'), recent.ofSource('s1')]).toEqual([
    'e3',
    undefined,
    undefined,
  ])
  expect(recent.all()).toEqual([event(3, 'ada')])
})
