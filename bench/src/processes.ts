import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own tick (man 5 proc_pid_stat). */
const MICROSECONDS_PER_TICK = 10_000

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended, or this is no Linux.
    return undefined
  }
}

interface Stat {
  readonly parent: number
  readonly ticks: number
}

const statOf = (pid: number): Stat | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name in parentheses may hold anything; what follows it begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), ticks }
}

/** CPU time of processes and what they started, in microseconds; 0 where there is no /proc. */
export const cpuOf = (roots: readonly number[]): number => {
  if (roots.length === 0 || read('/proc/self/stat') === undefined) return 0
  const stats = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
    if (stat !== undefined) stats.set(Number(name), stat)
  }
  const belongs = (pid: number): boolean => {
    const stat = stats.get(pid)
    return roots.includes(pid) || (stat !== undefined && stat.parent > 1 && belongs(stat.parent))
  }
  const ticks = [...stats].reduce((sum, [pid, stat]) => sum + (belongs(pid) ? stat.ticks : 0), 0)
  return ticks * MICROSECONDS_PER_TICK
}

/** Resident memory of a process in MB; NaN where there is no /proc. */
export const memoryOf = (pid: number | 'self', which: 'now' | 'peak'): number => {
  const line = which === 'now' ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m
  const kilobytes = line.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kilobytes === undefined ? Number.NaN : (Number(kilobytes) * 1_024) / 1e6
}

/** Starts to count CPU time of this process and its servers; the result tells both, in microseconds. */
export const countCpu = (servers: readonly number[]): (() => { node: number; server: number }) => {
  const own = process.cpuUsage()
  const others = cpuOf(servers)
  return () => {
    const { user, system } = process.cpuUsage(own)
    return { node: user + system, server: cpuOf(servers) - others }
  }
}
