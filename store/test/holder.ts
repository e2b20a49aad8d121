import { sampleEvent } from '@onsignup/core/testing'
import { createSqliteStore } from '../src/index.ts'

// Opens the store named on the command line, stores an event with two deliveries, takes both, marks one as begun,
// says so, and holds everything until it is killed.
const [path = ''] = process.argv.slice(2)
const store = createSqliteStore({ path })
await store.open(1_000)
const [row] = await store.register([{ name: 'chat', uses: 'slack' }])
if (!row) throw new Error('no connector was registered')
const delivery = { connector: row.id, skipped: null }
const keys = { user: 'user', source: 'source', createdAt: null }
await store.append([
  { event: sampleEvent(), body: JSON.stringify(sampleEvent()), keys, deliveries: [delivery, delivery] },
])
const [claim] = await store.claim(row.id, Date.now(), 2)
if (!claim) throw new Error('nothing was handed out')
await store.begin([claim], 'hold')
process.stdout.write('holding\n')
setInterval(() => {}, 60_000)
