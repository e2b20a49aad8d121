import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

/**
 * Preloaded into a script's process (`node --import`), lets no connection out: not by net, tls, http, https, fetch or
 * dgram, which end in the same two methods, and no look-up by dns. It is no sandbox: a program that the script starts,
 * a thread, or Node's internal bindings still reach the network. Node's own permission model has no part for the
 * network before Node 25 (https://nodejs.org/api/permissions.html, 2026-11).
 */
const refusal = (what: string): Error => {
  const message = `the network is off: ${what} was refused`
  // fetch says no more than "fetch failed" and keeps this as its cause.
  console.error(message)
  return Object.assign(new Error(message), { code: 'ENETUNREACH', syscall: 'connect' })
}

const targetOf = (args: readonly unknown[]): string => {
  // net.connect hands its arguments on as one list, once it has put them in order.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'number') return `${typeof second === 'string' ? second : 'localhost'}:${first}`
  if (typeof first !== 'object' || first === null) return String(first)
  const { path, host = 'localhost', port = '' } = Object(first)
  return typeof path === 'string' && port === '' ? path : `${String(host)}:${String(port)}`
}

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const error = refusal(`a connection to ${targetOf(args)}`)
  // Not before the caller has had the time to listen.
  process.nextTick(() => this.destroy(error))
  return this
}

const LOOK_UPS = /^(?:lookup|lookupService|resolve\w*|reverse)$/

/** Replaces the look-ups of an object by `refuse`, which gets the arguments of each. */
const replace = (owner: object, refuse: (name: string, args: readonly unknown[]) => unknown): void => {
  for (const name of Object.getOwnPropertyNames(owner).filter((name) => LOOK_UPS.test(name))) {
    Reflect.set(owner, name, (...args: unknown[]) => refuse(name, args))
  }
}

const byCallback = (name: string, args: readonly unknown[]): void => {
  const error = refusal(`dns.${name} of ${String(args[0])}`)
  const callback = args.at(-1)
  if (typeof callback === 'function') process.nextTick(() => void Reflect.apply(callback, undefined, [error]))
}

const byPromise = (name: string, args: readonly unknown[]): Promise<never> =>
  Promise.reject(refusal(`dns.${name} of ${String(args[0])}`))

replace(dns, byCallback)
replace(dns.Resolver.prototype, byCallback)
replace(dns.promises, byPromise)
replace(dns.promises.Resolver.prototype, byPromise)

for (const name of ['send', 'connect'] as const) {
  Reflect.set(dgram.Socket.prototype, name, function (this: dgram.Socket, ...args: unknown[]) {
    const error = refusal(`dgram ${name}`)
    const callback = args.at(-1)
    process.nextTick(() => {
      if (typeof callback === 'function') Reflect.apply(callback, this, [error])
      else this.emit('error', error)
    })
  })
}

// For modules that import these by name.
syncBuiltinESMExports()
