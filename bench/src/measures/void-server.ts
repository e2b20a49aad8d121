import { createMemoryStore } from '@onsignup/core/engine'
import { compose, SERVER, STORE } from 'onsignup/compose'
import { CONNECTORS } from '../registration.ts'

// The program as it is composed, around a store that takes everything and keeps nothing.
const container = compose({
  folder: '.',
  store: '',
  connectors: CONNECTORS.map((name) => ({ name, uses: 'function', usable: async () => {} })),
  secrets: [],
  server: { port: Number(process.argv[2]), host: '127.0.0.1' },
  token: null,
  grace: 0,
  retention: null,
  alerts: null,
}).replace(
  STORE,
  () => ({
    ...createMemoryStore(),
    append: async (accepts) => accepts.map(({ event }) => ({ kind: 'accepted', id: event.id, held: [] })),
  }),
  { open: (store) => store.open(Date.now()) },
)
await container.open()
console.log(`listens on ${(await container.get(SERVER)).url}`)
