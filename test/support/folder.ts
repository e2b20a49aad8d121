import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own, outside the workspace, with a `package.json` nowhere above it. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  /** The absolute path of a file in it. */
  at(name: string): string
  /** Writes a file and gives its absolute path. */
  write(name: string, text: string): Promise<string>
}

export const createFolder = async (): Promise<Folder> => {
  const path = await mkdtemp(join(tmpdir(), 'onsignup-test-'))
  return {
    path,
    at: (name) => join(path, name),
    async write(name, text) {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      return file
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
