import { installTarballs } from './install.ts'
import { packAll } from './pack.ts'

// The program as users install it, compiled and with its dependencies, in the empty folder that the argument names.
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('name an empty folder')
await installTarballs(folder, await packAll())
