import { open, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, posix, relative, sep } from 'node:path'
import { ExportError, RefusalError } from './errors.ts'

/** The largest document of an export, in bytes: a tenant of a thousand clients has a fifth of it. */
const LARGEST_DOCUMENT = 10_000_000
/** The largest script, in bytes: ten times what Auth0 takes. */
const LARGEST_SCRIPT = 1_000_000
const MOST_FILES = 2_000
const DEEPEST = 6
const NO_EXPORT = new Set(['node_modules', '.git', '.terraform'])

const INSIDE = 'name the folder that holds both, or copy the file into the export'

/** Reads files of one folder and nothing outside of it, whatever paths and links say. */
export interface ExportFolder {
  /** A document, by its path within the folder. Throws RefusalError. */
  document(path: string): Promise<string>
  /** A script that `where` names by its path from `base`, a folder within this one. Throws RefusalError. */
  script(base: string, path: string, where: string): Promise<string>
  /** The names of what is in a folder of it, sorted; none when it is not there. */
  names(folder: string): Promise<readonly string[]>
  /** All files below whose names end so, sorted. */
  below(endings: readonly string[]): Promise<readonly string[]>
}

const isWithin = (root: string, path: string): boolean => {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

const decode = (bytes: Buffer, where: string): string => {
  try {
    // A byte order mark stays, so that what is written has the bytes of what was read.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new RefusalError(where, 'it is not UTF-8', 'save it as UTF-8')
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'

/** The real path of what an export names; throws RefusalError when that is not in the folder. */
const locate = async (root: string, base: string, path: string, where: string): Promise<string> => {
  const posixPath = path.replaceAll('\\', '/')
  if (path.includes('\0')) throw new RefusalError(where, 'its path holds a zero byte', INSIDE)
  if (posix.isAbsolute(posixPath) || /^[a-z]:/i.test(path)) {
    throw new RefusalError(where, `${path} is an absolute path`, INSIDE)
  }
  const joined = join(root, base, posixPath)
  if (!isWithin(root, joined)) throw new RefusalError(where, `${path} leads out of the export`, INSIDE)
  let real: string
  try {
    real = await realpath(joined)
  } catch (error) {
    const what = codeOf(error) === 'ENOENT' ? 'is not in the export' : `cannot be read (${codeOf(error)})`
    throw new RefusalError(where, `${path} ${what}`, 'put the file there, or correct the path')
  }
  if (!isWithin(root, real)) {
    throw new RefusalError(where, `${path} is a link that leads out of the export`, INSIDE)
  }
  return real
}

const readBounded = async (real: string, path: string, where: string, most: number): Promise<string> => {
  // A pipe would keep the import waiting from the moment it is opened.
  if (!(await stat(real)).isFile()) throw new RefusalError(where, `${path} is no file`, INSIDE)
  await using file = await open(real)
  const { size } = await file.stat()
  if (size > most) {
    const mend = `it may have ${most} bytes: name a smaller one, or take it in by hand`
    throw new RefusalError(where, `${path} has ${size} bytes`, mend)
  }
  return decode(await file.readFile(), where)
}

/** Opens a folder for reading. Throws ExportError `export_unreadable`. */
export const openFolder = async (path: string): Promise<ExportFolder> => {
  const root = await realpath(path).catch((cause: unknown) => {
    throw new ExportError('export_unreadable', `${path} cannot be read`, {
      mend: 'name the folder or the file of an Auth0 export',
      cause,
    })
  })
  const names = async (folder: string): Promise<readonly string[]> => {
    try {
      return (await readdir(await locate(root, '.', folder, folder))).toSorted()
    } catch (error) {
      if (error instanceof RefusalError || codeOf(error) === 'ENOTDIR') return []
      throw error
    }
  }
  return {
    document: async (file) => readBounded(await locate(root, '.', file, file), file, file, LARGEST_DOCUMENT),
    script: async (base, path, where) =>
      readBounded(await locate(root, base, path, where), path, where, LARGEST_SCRIPT),
    names,
    async below(endings) {
      const found: string[] = []
      const visit = async (folder: string, depth: number): Promise<void> => {
        for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
          const inner = posix.join(folder, entry.name)
          if (entry.isDirectory() && depth < DEEPEST && !NO_EXPORT.has(entry.name))
            await visit(inner, depth + 1)
          else if (!entry.isDirectory() && endsIn(inner, endings)) found.push(inner)
          if (found.length > MOST_FILES) {
            const what = `it holds more than ${MOST_FILES} files that end in ${endings.join(' or ')}`
            throw new RefusalError(folder, what, 'name a folder further down')
          }
        }
      }
      await visit('', 0)
      return found.toSorted()
    },
  }
}

/** Whether a file's name ends in one of them. */
export const endsIn = (file: string, endings: readonly string[]): boolean =>
  endings.some((ending) => file.endsWith(ending))

/** The folder that a file of an export is in, as a path within the export. */
export const folderOf = (file: string): string => posix.normalize(dirname(file).replaceAll('\\', '/'))
