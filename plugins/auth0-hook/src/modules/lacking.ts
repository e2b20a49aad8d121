import { parseRequest } from './request.ts'

/** What an installed package asks for in vain. */
export interface Lack {
  /** As `plugin asks for the module knex, which is not installed`. */
  readonly what: string
  readonly mend: string
}

// In Node's words; the first of the stack is the file that asks.
const NODES_WORDS = /^Cannot find module '(?<request>.+)'\nRequire stack:\n- (?<file>.+)/

// The last: packages lie in packages.
const OF_PACKAGE = /^.*[\\/]node_modules[\\/](?<name>(?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/

/** Reads from Node's words about a module that was not found which package asks for it; undefined: no package does. */
export const lackIn = (message: string): Lack | undefined => {
  const { request, file = '' } = NODES_WORDS.exec(message)?.groups ?? {}
  const asking = OF_PACKAGE.exec(file)?.groups?.['name']?.replace('\\', '/')
  if (request === undefined || asking === undefined) return undefined
  const asked = parseRequest(request)
  if (asked.kind === 'package') {
    return {
      what: `${asking} asks for the module ${asked.name}, which is not installed`,
      mend: `add ${asked.name} to the dependencies in the package.json beside the script, in a version that ${asking} takes, and run: onsignup hooks install`,
    }
  }
  return {
    what: `${asking} asks for ${request}, which is not there`,
    mend: `if it has an install script, which is not run: npm rebuild ${asking}, in the script’s folder; else take another version of ${asking}`,
  }
}
