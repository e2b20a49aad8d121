import { join } from 'node:path'
import { createOnSignup } from 'onsignup'
import { CONNECTORS } from '../registration.ts'
import { Tally } from '../tally.ts'
import type { StartEngine } from './engine.ts'

/** What users embed, with no setting of its own but the path. */
export const startOnSignup: StartEngine = async ({ folder, handle }) => {
  const settled = new Tally()
  const onsignup = createOnSignup({ store: join(folder, 'onsignup.db') })
  for (const name of CONNECTORS) onsignup.use(name, ({ user }) => handle(user.id))
  onsignup.on('settled', () => settled.add())
  await onsignup.start()
  return {
    servers: [],
    accept: (registration) => onsignup.publish(registration),
    settled: (deliveries) => settled.reached(deliveries),
    close: () => onsignup.close(),
  }
}
