import type { ScriptAnalysis } from '../analysis.ts'
import type { Dependencies } from './pinned.ts'

/**
 * What a plain `require` gets where nothing says which version: the newest, but for packages whose newest a script
 * of Auth0's time cannot use. got 12, node-fetch 3 and p-retry 5 are ES modules with a default export; @slack/client 5,
 * jsforce 2, mongodb 5, mongoose 7, redis 4, slack-notify 2 and stripe 22 answer with promises in place of callbacks;
 * uuid 7 is no function any more, and uuid 8 has no `uuid/v4`; auth0 4 renamed its methods; box-node-sdk 4 and
 * firebase-admin 14 export other names; stripe 12 speaks a newer version of Stripe's API than the account's
 * (changelogs, 2026-11).
 */
const AS_AT_AUTH0: Dependencies = {
  '@slack/client': '^4.12.0',
  auth0: '^3.0.0',
  'box-node-sdk': '^3.0.0',
  'firebase-admin': '^13.0.0',
  got: '^11.8.0',
  jsforce: '^1.11.0',
  mongodb: '^4.1.0',
  mongoose: '^6.0.0',
  'node-fetch': '^2.6.0',
  'p-retry': '^4.6.0',
  redis: '^3.1.0',
  'slack-notify': '^0.1.7',
  stripe: '^8.52.0',
  uuid: '^3.4.0',
}

/**
 * Of an Action, which came when packages were newer: Auth0's own templates call auth0 4
 * (https://github.com/auth0/opensource-marketplace, 2026-11).
 */
const IN_ACTIONS: Dependencies = { ...AS_AT_AUTH0, auth0: '^4.0.0', uuid: '^8.3.0' }

/**
 * Methods of auth0 3's clients that those of auth0 4 do not have: it moved them, as `updateUser` to `users.update`
 * (3.7.2 and 4.37.1 compared). Those that touch users alone; what auth0 4 has somewhere too, as `getUsers`, tells nothing.
 */
const OF_AUTH0_3: ReadonlySet<string> = new Set([
  'assignPermissionsToUser',
  'assignRolestoUser',
  'assignUsersToRole',
  'createEmailVerificationTicket',
  'createPasswordChangeTicket',
  'createUser',
  'deleteUser',
  'getRole',
  'getUser',
  'getUserRoles',
  'getUsersByEmail',
  'linkUsers',
  'removeRolesFromUser',
  'requestChangePasswordEmail',
  'requestMagicLink',
  'sendEmailVerification',
  'unlinkUsers',
  'updateAppMetadata',
  'updateUser',
  'updateUserMetadata',
])

/** The versions, by name, of what a script requires and nobody gave a version. */
export const defaultsFor = ({ kind, methods }: Pick<ScriptAnalysis, 'kind' | 'methods'>): Dependencies => {
  if (kind !== 'action') return AS_AT_AUTH0
  const isOld = [...methods].some((method) => OF_AUTH0_3.has(method))
  return isOld ? { ...IN_ACTIONS, auth0: '^3.0.0' } : IN_ACTIONS
}
