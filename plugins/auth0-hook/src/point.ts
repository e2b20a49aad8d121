import type { Plugin } from '@onsignup/core'
import type { optionsSchema } from './options.ts'
import { createPlugin, type OnSaid } from './plugin.ts'

export type { Said } from './said.ts'

/**
 * The plugin for who calls a script and wants to know what it says, as Auth0's extensibility point told its caller: the
 * response or the error of its callback as they are, but for secrets and for what an error has that is no plain value.
 */
export const answeringPlugin = (onSaid: OnSaid): Plugin<typeof optionsSchema> => createPlugin(onSaid)
