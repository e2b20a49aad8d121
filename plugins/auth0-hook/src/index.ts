export {
  fromAuth0Hook,
  type Auth0Hook,
  type Auth0HookCallback,
  type FromAuth0HookOptions,
} from './from-auth0-hook.ts'
export type { Auth0HookContext, Auth0HookUser, Auth0HookWebtask } from './hook-view.ts'
