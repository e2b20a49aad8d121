import { fileURLToPath } from 'node:url'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort, startServer, type Server } from './servers/server.ts'

// The package exports no path to its program; it stands beside its entry's folder.
const PROGRAM = fileURLToPath(new URL('../bin/onsignup.js', import.meta.resolve('onsignup')))

/** Files by their name. */
export type Files = Readonly<Record<string, string>>

/** Starts `onsignup start` on a folder of its own with these files. */
export const startProgram = async (folder: string, files: Files): Promise<Server> => {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const port = await freePort()
  return startServer({
    program: process.execPath,
    args: [PROGRAM, 'start', '--config', join(folder, 'onsignup.yaml'), '--port', String(port)],
    port,
    ready: /listens on/,
  })
}
