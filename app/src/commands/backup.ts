import { resolve } from 'node:path'
import { backupStore } from '@onsignup/store'
import { readService } from '../service.ts'
import { EXIT, print, type Output } from '../output.ts'

/** Copies the store of the configuration, whether or not a service uses it. */
export const backup = async (
  file: string,
  options: { readonly config: string },
  output: Output,
): Promise<number> => {
  const { store } = await readService(options.config)
  const to = resolve(file)
  backupStore(store, to, Date.now())
  print(output, `copied ${store} to ${to}`)
  return EXIT.ok
}
