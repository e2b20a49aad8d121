import { z } from 'zod'
import type { Connector, Hook } from '../contract.ts'
import { definePlugin } from '../define-plugin.ts'
import type { Outcome } from '../outcome.ts'
import {
  createTestOnSignup,
  type TestOnSignup,
  type TestOnSignupOptions,
} from '../testing/create-test-onsignup.ts'

export const plugin = (hook: Hook, more: Omit<Partial<Connector>, 'postUserRegistrationBatch'> = {}) =>
  definePlugin({
    name: 'team',
    options: z.object({}),
    connect: () => ({ ...more, postUserRegistration: hook }),
  })

/** An engine whose one connector answers as the test says, with what it was called for and what was told. */
export const engine = (
  answer: (id: string) => Outcome,
  more: { check?: Connector['check'] } & TestOnSignupOptions = {},
) => {
  const { check, ...options } = more
  const calls: string[] = []
  const told: string[] = []
  const hook: Hook = ({ user }) => {
    calls.push(user.id)
    return answer(user.id)
  }
  const onsignup = createTestOnSignup(options).use(
    'team',
    plugin(hook, check === undefined ? {} : { check }),
    {
      concurrency: 2,
    },
  )
  onsignup.on('parked', ({ connector, parked }) => told.push(`parked ${connector}: ${parked.reason}`))
  onsignup.on('released', ({ connector }) => told.push(`released ${connector}`))
  onsignup.on('paused', ({ connector }) => told.push(`paused ${connector}`))
  onsignup.on('resumed', ({ connector }) => told.push(`resumed ${connector}`))
  return { onsignup, calls, told }
}

export const publish = async (onsignup: TestOnSignup, ...ids: string[]) => {
  for (const id of ids) await onsignup.publish({ user: { id } })
  await onsignup.clock.advance(0)
}

export const states = async (onsignup: TestOnSignup) =>
  (await onsignup.deliveries()).map(({ state }) => state)
