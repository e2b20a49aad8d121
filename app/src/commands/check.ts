import { checkConnector } from '@onsignup/core/engine'
import type { Finding } from '@onsignup/core'
import { connected } from '../connected.ts'
import { EXIT, print, printStates, type Output, type StateRow } from '../output.ts'

export interface CheckOptions {
  readonly config: string
  readonly json: boolean
}

type Line = Finding & { readonly connector: string }

/** Proves the configuration, then each connector's credentials and far side, a line each. */
export const check = async (options: CheckOptions, output: Output): Promise<number> => {
  await using program = await connected(options.config)
  const { connectors, endpoints, clock, logger, file } = program
  const checked = await Promise.all(
    connectors.map((connector) => checkConnector(connector, { clock, logger })),
  )
  const lines: Line[] = [
    { connector: 'configuration', state: 'proved', what: `${file} has no mistake` },
    ...endpoints.map(({ path }): Line => ({
      connector: 'sources',
      state: 'unproved',
      what: `POST ${path}: whether the provider sends there, with its credential, shows at the first event`,
    })),
    ...checked.flatMap((findings, index) =>
      findings.map((finding) => ({ connector: connectors[index]?.name ?? '', ...finding })),
    ),
  ]
  if (options.json) {
    for (const line of lines) print(output, JSON.stringify(line))
  } else {
    const rows = lines.map(({ state, connector, what, mend }): StateRow => [
      state,
      connector,
      mend === undefined ? what : `${what} → ${mend}`,
    ])
    printStates(output, rows, { width: 8 })
  }
  return lines.every(({ state }) => state !== 'failed') ? EXIT.ok : EXIT.failed
}
