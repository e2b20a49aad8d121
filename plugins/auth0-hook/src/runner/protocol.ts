import type { RegistrationEvent } from '@onsignup/core'
import type { CacheEntries, CacheRecord } from '../cache.ts'
import type { End } from '../end.ts'
import type { Dependencies } from '../modules/pinned.ts'
import type { ErrorWords } from '../told.ts'

/** The descriptor of the runner's channel to the service; lines of JSON go both ways. */
export const CHANNEL = 3

/** Characters of one run's console that are kept. */
export const LONGEST_OUTPUT = 64_000

/** Characters of the JSON that `storage.set` takes. */
export const LONGEST_DATA = 400_000

/** How many of a script's questions about its state are with the service at once; the others wait in the script's process. */
export const MOST_ASKED = 10

/** What is the same for all runs of a process. */
export interface Setup {
  readonly connector: string
  /** The script's path. */
  readonly script: string
  readonly secrets: Readonly<Record<string, string>>
  /** Versions by name, for a `require` that says none. */
  readonly dependencies: Dependencies
  readonly meta: Readonly<Record<string, string>>
  /** Whether the script finds its secrets in a global `configuration`, as Rules did. */
  readonly configuration: boolean
  /** Whether the end of a Hook carries all that its caller is to be told. */
  readonly isCalled: boolean
  /** How many characters of the console are sent. */
  readonly longestOutput: number
  /** Descriptors that the process inherited and must not have. */
  readonly inherited: readonly number[]
}

/** One run. */
export interface Job {
  /** What all messages of this run carry. A script does not know it, so that it can write none in the runner's place. */
  readonly run: string
  readonly key: string
  readonly event: RegistrationEvent
  /** What an Action finds in `api.cache`. */
  readonly cache: CacheEntries
}

/** What a script asks of its connector's durable state. */
export type StateRequest =
  | { readonly op: 'storage.get' }
  | {
      readonly op: 'storage.set'
      /** JSON; null: delete. */
      readonly data: string | null
      /** What the data must be tagged with now; null: there must be none; undefined: whatever is there. */
      readonly etag?: string | null | undefined
    }
  | { readonly op: 'cache.set'; readonly key: string; readonly record: CacheRecord }
  | { readonly op: 'cache.delete'; readonly key: string }

/** From the service to the runner. */
export type ToRunner =
  | { readonly type: 'setup'; readonly setup: Setup }
  | { readonly type: 'run'; readonly job: Job }
  | { readonly type: 'state'; readonly call: number; readonly value: unknown }
  | { readonly type: 'state failed'; readonly call: number; readonly message: string }

/** From the runner to the service. Each line begins with its run, which is empty before the first. */
export type FromRunner =
  | { readonly type: 'ready' }
  | { readonly type: 'started' }
  /** The script cannot be run as it is: it does not parse, exports no function, or needs what is not installed. */
  | {
      readonly type: 'unusable'
      readonly why: 'invalid' | 'no function' | 'module missing'
      readonly error: ErrorWords
    }
  | { readonly type: 'end'; readonly end: End }
  /** The script threw where nobody catches: the process is not to be used any more. */
  | { readonly type: 'uncaught'; readonly error: ErrorWords }
  /** An error after the end. */
  | { readonly type: 'late'; readonly error: ErrorWords }
  | { readonly type: 'output'; readonly level: string; readonly text: string }
  /** No more of the console is sent. */
  | { readonly type: 'output cut' }
  | { readonly type: 'state'; readonly call: number; readonly request: StateRequest }
  /** Nothing of the script's is left to happen. */
  | {
      readonly type: 'idle'
      /** Whether a callback was not called that the function takes: `resolved` where its promise ended all the same. */
      readonly silent: 'no' | 'resolved' | 'yes'
      /** Why the process must not run the next; absent: it may. */
      readonly unclean?: string | undefined
    }
