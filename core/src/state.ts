import type { State } from './contract.ts'
import { OnSignupError } from './errors.ts'
import { isJson } from './event/json.ts'
import type { StateOwner, Store } from './store/port.ts'

const LONGEST_KEY = 256
const LARGEST_VALUE = 500_000

const invalid = (message: string, mend: string): OnSignupError =>
  new OnSignupError('state_invalid', message, { mend })

const checkKey = (key: string): string => {
  if (typeof key === 'string' && key !== '' && key.length <= LONGEST_KEY) return key
  throw invalid(`a key of a connector's state is a text of 1 to ${LONGEST_KEY} characters`, 'shorten the key')
}

/** What of a store is this connector's own. */
export const createState = (store: Pick<Store, 'recall' | 'keep'>, owner: StateOwner): State => ({
  async get(key) {
    const kept = await store.recall(owner, checkKey(key))
    const value: unknown = kept === null ? undefined : JSON.parse(kept)
    return isJson(value) ? value : undefined
  },
  async set(key, value) {
    const json = JSON.stringify(value)
    if (json === undefined || Buffer.byteLength(json) > LARGEST_VALUE) {
      throw invalid(
        `the state ${checkKey(key)} is ${json === undefined ? 'nothing that JSON can hold' : 'larger than 500 kB'}`,
        'keep less in it: it is for tokens and cursors',
      )
    }
    await store.keep(owner, checkKey(key), json)
  },
  async delete(key) {
    await store.keep(owner, checkKey(key), null)
  },
})
