import { startControl } from './control.ts'
import type { Control, Doubles } from './control.ts'
import { startSalesforce } from './salesforce.ts'
import type { SalesforceOptions } from './salesforce.ts'
import { startSlack } from './slack.ts'
import type { SlackOptions } from './slack.ts'
import { startSmtp } from './smtp.ts'
import type { SmtpOptions } from './smtp.ts'

export interface SandboxOptions {
  /** Ports: 0, the default, takes any free one. */
  readonly slackPort?: number
  readonly salesforcePort?: number
  readonly smtpPort?: number
  readonly controlPort?: number
  readonly slack?: Omit<SlackOptions, 'port'>
  readonly salesforce?: Omit<SalesforceOptions, 'port'>
  readonly smtp?: Omit<SmtpOptions, 'port'>
}

export interface Sandbox extends Doubles {
  readonly control: Control
  close(): Promise<void>
}

/** Starts all three doubles and their control surface; rejects, with nothing left running, if one cannot start. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const started: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const part of started.splice(0).toReversed()) await part.close()
  }
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.push(part)
    return part
  }
  try {
    const slack = keep(await startSlack({ ...options.slack, port: options.slackPort ?? 0 }))
    const salesforce = keep(
      await startSalesforce({ ...options.salesforce, port: options.salesforcePort ?? 0 }),
    )
    const smtp = keep(await startSmtp({ ...options.smtp, port: options.smtpPort ?? 0 }))
    const control = keep(await startControl({ slack, salesforce, smtp }, options.controlPort ?? 0))
    return { slack, salesforce, smtp, control, close }
  } catch (error) {
    await close()
    throw error
  }
}
