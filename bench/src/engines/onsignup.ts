import { join } from 'node:path'
import { createOnSignup } from 'onsignup'
import { CONNECTORS } from '../registration.ts'
import { Tally } from '../tally.ts'
import type { StartEngine } from './engine.ts'

const startWith =
  (settings: { readonly concurrency?: number }): StartEngine =>
  async ({ folder, handle }) => {
    const settled = new Tally()
    const onsignup = createOnSignup({ store: join(folder, 'onsignup.db') })
    for (const name of CONNECTORS) onsignup.use(name, ({ user }) => handle(user.id), settings)
    onsignup.on('settled', () => settled.add())
    await onsignup.start()
    return {
      servers: [],
      accept: (registration) => onsignup.publish(registration),
      settled: (deliveries) => settled.reached(deliveries),
      close: () => onsignup.close(),
    }
  }

/** What users embed, with no setting but the path. */
export const startOnSignup = startWith({})

/** With as many attempts at once as BullMQ is given. */
export const startOnSignup50 = startWith({ concurrency: 50 })
