import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, startServer, type Server } from './servers/server.ts'

const INSTALL = join(import.meta.dirname, '../../scripts/install-packed.ts')

/** Installs the program in an empty folder as users do, compiled and with its dependencies; the result is its path. */
export const installProgram = async (folder: string): Promise<string> => {
  await promisify(execFile)(process.execPath, [INSTALL, folder])
  return join(folder, 'node_modules/onsignup/bin/onsignup.js')
}

/** Files by their name. */
export type Files = Readonly<Record<string, string>>

/** Starts `onsignup start` on a folder of its own with these files. */
export const startProgram = async (program: string, folder: string, files: Files): Promise<Server> => {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const port = await freePort()
  return startServer({
    program: process.execPath,
    args: [program, 'start', '--config', join(folder, 'onsignup.yaml'), '--port', String(port)],
    port,
    ready: /listens on/,
  })
}
