import { setTimeout } from 'node:timers/promises'
import { AckPolicy, jetstream, jetstreamManager, StorageType, type JsMsg } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { CONNECTORS, type Registration } from '../registration.ts'
import { startNats } from '../servers/nats.ts'
import { Tally } from '../tally.ts'
import type { StartEngine } from './engine.ts'

const STREAM = 'registrations'

/** One stream on disk, a durable pull consumer for each connector. */
export const startJetStream: StartEngine = async ({ folder, handle }) => {
  const nats = await startNats(folder)
  const handled = new Tally()
  const connection = await connect({ servers: nats.url })
  const manager = await jetstreamManager(connection)
  const stream = jetstream(connection)
  await manager.streams.add({ name: STREAM, subjects: ['registered'], storage: StorageType.File })

  const deliver = async (message: JsMsg): Promise<void> => {
    await handle(message.json<Registration>().user.id)
    message.ack()
    handled.add()
  }
  const consumers = await Promise.all(
    CONNECTORS.map(async (name) => {
      await manager.consumers.add(STREAM, { durable_name: name, ack_policy: AckPolicy.Explicit })
      const consumer = await stream.consumers.get(STREAM, name)
      const messages = await consumer.consume({ callback: (message) => void deliver(message) })
      return { consumer, messages }
    }),
  )
  const isSettled = async (): Promise<boolean> => {
    const infos = await Promise.all(consumers.map(({ consumer }) => consumer.info()))
    return infos.every((info) => info.num_pending + info.num_ack_pending === 0)
  }
  return {
    servers: [nats.pid],
    accept: (registration) => stream.publish('registered', JSON.stringify(registration)),
    async settled(deliveries) {
      await handled.reached(deliveries)
      while (!(await isSettled())) await setTimeout(5)
    },
    async close() {
      await Promise.all(consumers.map(({ messages }) => messages.close()))
      await connection.close()
      await nats.stop()
    },
  }
}
