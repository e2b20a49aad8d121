import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram, freePort, NotPresent, startServer, type Server } from './server.ts'

/** Where Debian keeps what it does not put into PATH. */
const DEBIAN = '/usr/lib/postgresql'

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
const owner = async (): Promise<{ readonly uid: number; readonly gid: number } | undefined> => {
  if (process.getuid?.() !== 0) return undefined
  const users = await readFile('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(users) ?? []
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new NotPresent('PostgreSQL does not run as root, and there is no user postgres or nobody')
}

/** The folder of PostgreSQL's programs; throws NotPresent. */
export const postgresFolder = async (): Promise<string> => {
  const versions = existsSync(DEBIAN) ? await readdir(DEBIAN) : []
  return dirname(
    findProgram(
      'initdb',
      versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin')),
    ),
  )
}

/** PostgreSQL with its default configuration, in a new cluster below the folder. */
export const startPostgres = async (folder: string): Promise<Server & { readonly url: string }> => {
  const programs = await postgresFolder()
  const as = await owner()
  const data = join(folder, 'postgres')
  await mkdir(data, { recursive: true })
  if (as !== undefined) {
    await chmod(folder, 0o755)
    await chown(data, as.uid, as.gid)
  }
  await promisify(execFile)(
    join(programs, 'initdb'),
    ['--pgdata', data, '--username', 'bench', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'],
    { ...as, cwd: data },
  )
  const port = await freePort()
  const server = await startServer({
    program: join(programs, 'postgres'),
    args: ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', data],
    port,
    ready: /database system is ready to accept connections/,
    // SIGTERM waits for those who are connected, SIGINT does not (postgresql.org/docs/current/server-shutdown.html, read 2026-11-23).
    force: 'SIGINT',
    ...(as === undefined ? {} : { as }),
  })
  return { ...server, url: `postgres://bench@127.0.0.1:${port}/postgres` }
}
