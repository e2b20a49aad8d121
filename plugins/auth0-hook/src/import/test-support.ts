import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An export in a folder of its own, with a folder above it that an import must not look into. */
export interface TestExport extends AsyncDisposable {
  readonly path: string
  at(file: string): string
  write(file: string, content: string | Uint8Array): Promise<void>
  link(file: string, to: string): Promise<void>
}

/** Writes files below a new folder. */
export const createExport = async (files: Readonly<Record<string, string>>): Promise<TestExport> => {
  const above = await mkdtemp(join(tmpdir(), 'onsignup-export-'))
  const path = join(above, 'export')
  const place = async (file: string): Promise<string> => {
    await mkdir(dirname(join(path, file)), { recursive: true })
    return join(path, file)
  }
  const made: TestExport = {
    path,
    at: (file) => join(path, file),
    write: async (file, content) => writeFile(await place(file), content),
    link: async (file, to) => symlink(to, await place(file)),
    [Symbol.asyncDispose]: () => rm(above, { recursive: true, force: true }),
  }
  await mkdir(path)
  for (const [file, content] of Object.entries(files)) await made.write(file, content)
  return made
}

export const HOOK = 'module.exports = function (user, context, cb) {\n  cb(null, { seen: user.id })\n}\n'
export const ACTION = 'exports.onExecutePostUserRegistration = async (event, api) => {}\n'
