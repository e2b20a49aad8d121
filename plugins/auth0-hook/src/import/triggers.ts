/** The one trigger whose scripts run here. */
export const TRIGGER = 'post-user-registration'

interface Reason {
  readonly why: string
  readonly mend: string
}

const INSIDE_A_FLOW = 'it decides within a flow of Auth0, which waits for it'

const REASONS: Readonly<Record<string, Reason>> = {
  'pre-user-registration': {
    why: 'it decides whether Auth0 makes the user',
    mend: 'move it to an Action of the trigger pre-user-registration at Auth0',
  },
  'credentials-exchange': {
    why: 'it changes access tokens while Auth0 makes them',
    mend: 'move it to an Action of the trigger credentials-exchange at Auth0',
  },
  'post-change-password': {
    why: 'it runs after a password was changed, which is no registration',
    mend: 'move it to an Action of the trigger post-change-password at Auth0',
  },
  'send-phone-message': {
    why: 'Auth0 waits for it to send a code',
    mend: 'move it to an Action of the trigger send-phone-message, or a phone provider, at Auth0',
  },
}

/** Why a script of another trigger is not taken, and what to do with it. A hook's home at Auth0 goes, an Action's stays. */
export const otherTrigger = (what: 'hook' | 'action', trigger: string): Reason => {
  const reason = REASONS[trigger] ?? { why: INSIDE_A_FLOW, mend: 'move it to an Action at Auth0' }
  return what === 'hook' ? reason : { why: reason.why, mend: 'leave it at Auth0' }
}
