import type { Preview, Redact, RegistrationEvent } from '@onsignup/core'
import { actionView } from './action-view.ts'
import { hookView } from './hook-view.ts'

export interface PreviewOptions {
  /** As the configuration names it. */
  readonly named: string
  readonly isAction: boolean
  readonly secrets: Readonly<Record<string, string>>
  readonly meta: Readonly<Record<string, string>>
  readonly redact: Redact
}

/** What the script would be called with. */
export const preview = (
  event: RegistrationEvent,
  key: string,
  { named, isAction, secrets: given, meta, redact }: PreviewOptions,
): Preview => {
  const secrets = Object.fromEntries(Object.keys(given).map((name) => [name, '[secret]']))
  const view = isAction ? actionView(event, secrets) : hookView(event, key, { secrets, meta })
  return {
    title: isAction ? `${named}: onExecutePostUserRegistration(event, api)` : `${named}: (user, context, cb)`,
    contentType: 'application/json',
    body: redact(JSON.stringify(isAction ? { event: view } : view, null, 2)),
  }
}
