import { createPlugin } from './plugin.ts'

/** Runs an Auth0 Hook or Action, as Auth0 exports it, for every sign-up. */
export default createPlugin()

export {
  fromAuth0Hook,
  type Auth0Hook,
  type Auth0HookCallback,
  type FromAuth0HookOptions,
} from './from-auth0-hook.ts'
export type { Auth0ActionEvent, Auth0ActionUser } from './action-view.ts'
export type { Auth0HookContext, Auth0HookUser, Auth0HookWebtask } from './hook-view.ts'
