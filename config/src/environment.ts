import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { OnSignupError } from '@onsignup/core'
import type { Environment } from './references.ts'

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const readDotEnv = async (folder: string): Promise<Environment> => {
  try {
    return parseEnv(await readFile(join(folder, '.env'), 'utf8'))
  } catch (cause) {
    if (isMissing(cause)) return {}
    throw new OnSignupError('file_unreadable', 'the file .env beside the configuration cannot be read', {
      mend: 'make it a readable file, or remove it',
      cause,
    })
  }
}

/** The variables of `.env` in the folder under those of the environment, which win. */
export const loadEnvironment = async (folder: string, environment: Environment): Promise<Environment> => {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined)
  return { ...(await readDotEnv(folder)), ...Object.fromEntries(set) }
}
