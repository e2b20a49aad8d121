import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'

// Version 4 lets mj-include read any file of the machine, 5 those of the folder of the template.
const OLDEST = 5

const packageSchema = z.object({ version: z.string() })

const outcomeSchema = z.object({
  html: z.string(),
  errors: z.array(z.object({ formattedMessage: z.string().optional(), message: z.string().optional() })),
})

type Compiler = (source: string, options: object) => unknown

const isCompiler = (value: unknown): value is Compiler => typeof value === 'function'

/** The user's own mjml, as an import in a file of theirs would find it. */
const compilerFor = (path: string, file: string): Compiler => {
  const load = createRequire(path)
  let version: string
  let compiler: unknown
  try {
    // By its folder, lest the version be of one copy and the code of another.
    const manifest = load.resolve('mjml/package.json')
    ;({ version } = packageSchema.parse(load(manifest)))
    compiler = load(dirname(manifest))
  } catch (cause) {
    throw new Error(`${file} needs mjml, which is not there: run npm install mjml@${OLDEST} in its folder`, {
      cause,
    })
  }
  if (Number.parseInt(version, 10) < OLDEST || !isCompiler(compiler)) {
    throw new Error(`${file} needs mjml ${OLDEST} or later, not ${version}: run npm install mjml@${OLDEST}`)
  }
  return compiler
}

/** Makes HTML of a template in MJML, whose Liquid stays. Throws an Error that says where it is wrong. */
export const compileMjml = async (source: string, file: string, folder: string): Promise<string> => {
  const path = resolve(folder, file)
  const compile = compilerFor(path, file)
  let outcome: z.output<typeof outcomeSchema>
  try {
    const made = await compile(source, {
      validationLevel: 'strict',
      filePath: path,
      ignoreIncludes: false,
      // What mail is shown with shall not be fetched from elsewhere unasked.
      fonts: {},
      useMjmlConfigOptions: false,
    })
    outcome = outcomeSchema.parse(made)
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().replace(/\s*\n\s*/g, '; ') : String(error)
    throw new Error(`${file} is no MJML that can be used: ${said}`, { cause: error })
  }
  const { html, errors } = outcome
  const [first] = errors
  if (first !== undefined) {
    throw new Error(`${file}: ${first.formattedMessage ?? first.message ?? 'not valid MJML'}`)
  }
  // mjml leaves no more than a comment where it refused to read a file.
  if (/<!-- mj-include (?:denied|fails)/.test(html)) {
    throw new Error(`${file} includes what is not there, or not in the folder of ${file}`)
  }
  return html
}
