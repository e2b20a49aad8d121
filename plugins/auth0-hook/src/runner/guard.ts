import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

const { filter } = Array.prototype
const { setPriority } = os

const notPermitted = (what: string, pid: unknown): Error =>
  Object.assign(new Error(`a script may not ${what} other processes, as ${String(pid)}`), { code: 'EPERM' })

/**
 * Takes away by what a script could reach other processes of the same user by accident: signals to others, their
 * priority, the signal that opens another's debugger, and the runner's channel among the open handles. No sandbox: a
 * program that the script starts can do most of it.
 */
export const guardProcess = (channel: unknown): void => {
  const own = process.pid
  const kill: unknown = Reflect.get(process, '_kill')
  if (typeof kill === 'function') {
    const guarded = (pid: unknown, signal: unknown): unknown => {
      if (pid === own || pid === -own || pid === 0) return Reflect.apply(kill, process, [pid, signal])
      throw notPermitted('signal', pid)
    }
    Reflect.defineProperty(process, '_kill', { value: guarded })
  }
  os.setPriority = (pid: number, priority?: number): void => {
    if (priority === undefined) return setPriority(pid)
    if (pid !== own && pid !== 0) throw notPermitted('set the priority of', pid)
    return setPriority(pid, priority)
  }
  syncBuiltinESMExports()
  const handles: unknown = Reflect.get(process, '_getActiveHandles')
  if (typeof handles === 'function') {
    // Who listened to the channel would hear of the users of all runs after it.
    const others = (): unknown =>
      Reflect.apply(filter, Reflect.apply(handles, process, []), [(handle: unknown) => handle !== channel])
    Reflect.defineProperty(process, '_getActiveHandles', { value: others })
  }
  Reflect.deleteProperty(process, '_debugProcess')
  Reflect.deleteProperty(process, '_debugEnd')
}
