import { setTimeout as pause } from 'node:timers/promises'

const POLL = 10

/** Asks again and again until it holds; throws with the last answer when it does not in time. */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  within = 10_000,
): Promise<void> => {
  const deadline = Date.now() + within
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain: ${what}`)
    await pause(POLL)
  }
}
