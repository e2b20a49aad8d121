import { EXIT, print, type Output } from '../output.ts'
import { clientOf, type ServiceOptions } from '../service.ts'

export interface ForgetOptions extends ServiceOptions {
  readonly json: boolean
}

/** Takes everything personal of a user out of the store. */
export const forget = async (user: string, options: ForgetOptions, output: Output): Promise<number> => {
  await using client = await clientOf(options, output)
  const forgotten = await client.forget(user)
  const said = forgotten === 1 ? '1 event' : `${forgotten} events`
  print(output, options.json ? JSON.stringify({ forgotten }) : `${said} forgotten`)
  return EXIT.ok
}
