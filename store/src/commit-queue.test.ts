import { expect, onTestFinished, test } from 'vitest'
import { createCommitQueue, type CommitQueue } from './commit-queue.ts'
import { connect, type Connection } from './connection.ts'

const setUp = (): {
  readonly db: Connection
  readonly queue: CommitQueue
  readonly commits: () => number
} => {
  const inner = connect(':memory:')
  onTestFinished(() => inner.close())
  inner.exec(`
    PRAGMA foreign_keys = ON;
    CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB, c INTEGER REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED) STRICT`)
  let count = 0
  const db: Connection = {
    ...inner,
    get inTransaction() {
      return inner.inTransaction
    },
    transact(work) {
      count += 1
      return inner.transact(work)
    },
  }
  const queue = createCommitQueue(db, (error) => new Error('described', { cause: error }))
  return { db, queue, commits: () => count }
}

const rows = (db: Connection) => db.all('SELECT a FROM t ORDER BY a').map((row) => row['a'])

const insert = (db: Connection, a: number) => () => {
  db.run('INSERT INTO t (a) VALUES (?)', a)
  return `row ${a}`
}

test('calls of one turn of the event loop share a commit, and each gets its own answer', async () => {
  const { db, queue, commits } = setUp()
  const later = Promise.resolve()
    .then(() => 'a promise or two later, and still the same turn')
    .then(() => queue.add(insert(db, 3)))
  const answers = await Promise.all([queue.add(insert(db, 1)), queue.add(insert(db, 2)), later])
  expect(answers).toEqual(['row 1', 'row 2', 'row 3'])
  expect(commits()).toBe(1)
  await queue.add(insert(db, 4))
  expect(commits()).toBe(2)
  expect(rows(db)).toEqual([1, 2, 3, 4])
})

test('work whose values are at fault is undone alone', async () => {
  const { db, queue } = setUp()
  const twice = () => {
    insert(db, 2)()
    return insert(db, 1)()
  }
  const throwing = () => {
    insert(db, 4)()
    throw new Error('my own')
  }
  const [first, refused, third, thrown] = await Promise.allSettled([
    queue.add(insert(db, 1)),
    queue.add(twice),
    queue.add(insert(db, 3)),
    queue.add(throwing),
  ])
  expect(first).toEqual({ status: 'fulfilled', value: 'row 1' })
  expect(refused).toMatchObject({ reason: { message: 'described', cause: { errcode: 1555 } } })
  expect(third).toEqual({ status: 'fulfilled', value: 'row 3' })
  expect(thrown).toMatchObject({ reason: { message: 'described', cause: { message: 'my own' } } })
  expect(rows(db)).toEqual([1, 3])
})

test('work that fails alone in its turn is undone whole', async () => {
  const { db, queue } = setUp()
  const failing = queue.add(() => {
    insert(db, 1)()
    throw new Error('my own')
  })
  await expect(failing).rejects.toMatchObject({ cause: { message: 'my own' } })
  expect(rows(db)).toEqual([])
  expect(await queue.add(insert(db, 1))).toBe('row 1')
})

test('a commit that fails rejects every call in it, and the next ones work', async () => {
  const { db, queue } = setUp()
  const dangling = queue.add(() => db.run('INSERT INTO t (a, c) VALUES (1, 99)'))
  const results = await Promise.allSettled([queue.add(insert(db, 2)), dangling, queue.add(insert(db, 3))])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(rows(db)).toEqual([])
  expect(await queue.add(insert(db, 4))).toBe('row 4')
})

test('a full disk rejects every call in the commit, not only the one that met it', async () => {
  const { db, queue } = setUp()
  db.exec('PRAGMA max_page_count = 20')
  const large = queue.add(() => db.run('INSERT INTO t (a, b) VALUES (2, zeroblob(1000000))'))
  const results = await Promise.allSettled([queue.add(insert(db, 1)), large, queue.add(insert(db, 3))])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  await expect(large).rejects.toMatchObject({ cause: { errcode: 13 } })
  expect(rows(db)).toEqual([])
  expect(await queue.add(insert(db, 4))).toBe('row 4')
})

test('what waits can be committed at once', async () => {
  const { db, queue, commits } = setUp()
  const answer = queue.add(insert(db, 1))
  queue.flush()
  expect(rows(db)).toEqual([1])
  expect(await answer).toBe('row 1')
  queue.flush()
  expect(commits()).toBe(1)
})
