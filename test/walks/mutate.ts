import { registerHooks } from 'node:module'
import { MUTATIONS } from './mutations.ts'

// Loaded before everything else, it changes one file of the engine as it is read, so that the engine itself has no switch
// for taking a rule out.
const mutation = MUTATIONS[Number(process.env['MUTATION'])]
if (mutation === undefined) throw new Error(`there is no mutation ${process.env['MUTATION']}`)
const { file, from, to } = mutation

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith(`/${file}`)) return loaded
    const source = String(loaded.source)
    if (source.split(from).length !== 2) throw new Error(`${file} does not hold, once: ${from}`)
    return { ...loaded, source: source.replace(from, () => to) }
  },
})
