import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'

/**
 * Reads `+ pid` and `- pid`, and ends the process groups that are left when there is nothing more to read: that is when
 * the service is gone, however it went. Its words are all of the shell's own, so that it needs no PATH.
 */
const WATCH = `
all=
while read -r sign pid; do
  case $sign in
    +) all="$all $pid" ;;
    -) left=
       for other in $all; do [ "$other" = "$pid" ] || left="$left $other"; done
       all=$left ;;
  esac
done
for pid in $all; do kill -9 "-$pid"; done`

/** Ends the processes of scripts when this process is killed: one that spins does not hear that its channel closed. */
export interface Watch {
  add(pid: number): void
  remove(pid: number): void
}

const startShell = (ended: () => void): ChildProcess => {
  const shell = spawn('/bin/sh', ['-c', WATCH], {
    // It must not hold open what the service wrote to, nor its folder, and hears no Ctrl+C.
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
    detached: true,
  })
  // Where there is no shell, as in an image with Node alone, a container ends with its service.
  shell.once('error', ended).once('exit', ended).unref()
  shell.stdin?.on('error', () => {})
  if (shell.stdin instanceof Socket) shell.stdin.unref()
  return shell
}

const createWatch = (): Watch => {
  const pids = new Set<number>()
  let shell: ChildProcess | undefined
  const tell = (words: string): void => void shell?.stdin?.write(words)
  return {
    add(pid) {
      pids.add(pid)
      if (shell !== undefined) return tell(`+ ${pid}\n`)
      shell = startShell(() => {
        shell = undefined
      })
      tell([...pids].map((each) => `+ ${each}\n`).join(''))
    },
    remove(pid) {
      pids.delete(pid)
      tell(`- ${pid}\n`)
    },
  }
}

/** One for all scripts of this process; it is there from the first on. */
export const watch: Watch = createWatch()
