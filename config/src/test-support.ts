import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { definePlugin, OnSignupError } from '@onsignup/core'
import { nearest, type Usable } from '@onsignup/core/engine'
import { z } from 'zod'
import { ConfigurationError, formatFinding, type ConfigurationFinding } from './finding.ts'
import { loadConfiguration, type Configuration } from './load.ts'

/** A plugin with an option of every kind. */
export const chat = definePlugin({
  name: 'chat',
  options: z
    .strictObject({
      token: z
        .string()
        .regex(/^xoxb-/, 'this is no bot token: write the one that begins with xoxb-')
        .meta({ writeOnly: true, description: 'The bot token. Keep it.' }),
      channel: z.string().meta({ description: 'Where to post. An ID is safest.' }),
      text: z.string().optional().meta({ template: true }),
      fields: z
        .record(z.string().regex(/^[A-Z]/, 'begin with a capital'), z.union([z.string(), z.number()]))
        .optional()
        .meta({ template: true }),
      blocks: z
        .array(z.object({ type: z.string() }).catchall(z.json()))
        .optional()
        .meta({ template: true }),
      address: z.url('write an address, as https://chat.example').optional(),
      version: z.string('write it in quotes, as "66.0"').optional(),
      headers: z.record(z.string(), z.string()).optional().meta({ writeOnly: true }),
      loud: z.boolean().optional(),
      size: z.int().min(1).max(10).optional(),
      mode: z.enum(['create', 'upsert']).default('upsert'),
      id: z.strictObject({ field: z.string(), value: z.string().optional() }).optional(),
    })
    .superRefine(({ mode, id }, context) => {
      if (mode !== 'create' || id === undefined) return
      context.addIssue({ code: 'custom', path: ['id'], message: 'create looks for nothing: remove it' })
    }),
  connect: () => ({ postUserRegistration() {} }),
})

/** The options of a source. */
export const idp = z
  .strictObject({
    token: z.string().min(4, 'write a longer token').optional().meta({ writeOnly: true }),
    keys: z.int().optional().meta({ description: 'How many keys it has.' }),
  })
  .check(({ value, issues }) => {
    if (value.token !== undefined) return
    const params = { mend: 'set token' }
    issues.push({ code: 'custom', input: value, path: ['token'], message: 'everybody may send', params })
  })

const USABLES: Readonly<Record<string, Usable>> = { chat, hook: () => {} }

const resolvePlugin = (uses: string): Promise<Usable> => {
  const usable = USABLES[uses]
  if (usable !== undefined) return Promise.resolve(usable)
  const meant = nearest(uses, Object.keys(USABLES))
  const mend = meant === undefined ? 'write one of chat, hook' : `write ${meant}`
  return Promise.reject(new OnSignupError<string>('plugin_unknown', `there is no plugin ${uses}`, { mend }))
}

const resolveSource = (uses: string): Promise<typeof idp> => {
  if (uses === 'idp') return Promise.resolve(idp)
  const error = new OnSignupError<string>('source_unknown', `there is no source for ${uses}`, {
    mend: 'write idp',
  })
  return Promise.reject(error)
}

export interface Given {
  readonly env?: Record<string, string | undefined>
  /** The text of a `.env` beside the file. */
  readonly dotEnv?: string
}

/** Loads a text as the configuration of a folder of its own. */
export const load = async (yaml: string, { env = {}, dotEnv }: Given = {}): Promise<Configuration> => {
  const folder = await mkdtemp(join(tmpdir(), 'onsignup-config-'))
  try {
    const path = join(folder, 'onsignup.yaml')
    await writeFile(path, yaml)
    if (dotEnv !== undefined) await writeFile(join(folder, '.env'), dotEnv)
    return await loadConfiguration(path, { env, resolvePlugin, resolveSource })
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The findings of a text that must have some. */
export const findingsOf = async (yaml: string, given?: Given): Promise<readonly ConfigurationFinding[]> => {
  const error = await load(yaml, given).then(
    () => new Error('the configuration was accepted'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof ConfigurationError) return error.findings
  throw error
}

/** The findings as a user reads them, without the folder. */
export const linesOf = async (yaml: string, given?: Given): Promise<readonly string[]> =>
  (await findingsOf(yaml, given)).map((finding) => formatFinding({ ...finding, file: 'onsignup.yaml' }))

/** A file with one connector that uses `chat`, the given lines from line 5 on under its `with`. */
export const chatWith = (...lines: readonly string[]): string =>
  ['connectors:', '  team:', '    uses: chat', '    with:', ...lines.map((line) => `      ${line}`), ''].join(
    '\n',
  )

export const TOKEN = 'token: xoxb-written-in-the-file'
