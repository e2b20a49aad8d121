import type { ErrorClass } from '@onsignup/core'
import { errorClasses as email } from '@onsignup/email/errors'
import { errorClasses as salesforce } from '@onsignup/salesforce/errors'
import { errorClasses as slack } from '@onsignup/slack/errors'

const BEGIN = '<!-- errors: written from the data that the plugin itself reads, not by hand -->'
const END = '<!-- end of errors -->'

const HAPPENS: Readonly<Record<ErrorClass['kind'], string>> = {
  retry: 'tried again',
  throttled: 'waits, uncounted',
  misconfigured: 'parked',
  rejected: 'rejected',
  unknown: 'unknown',
  skipped: 'skipped',
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')

const signalCell = (signals: readonly string[]): string =>
  signals.map((signal) => `\`${cell(signal)}\``).join(', ')

const rowOf = ({ signals, kind, note, mend }: ErrorClass): string => {
  const happens = note === undefined ? HAPPENS[kind] : `${HAPPENS[kind]}; ${note}`
  return `| ${signalCell(signals)} | ${cell(happens)} | ${cell(mend ?? '')} |`
}

const tableOf = (classes: readonly ErrorClass[]): string =>
  ['| what is said | what happens | what to do |', '| --- | --- | --- |', ...classes.map(rowOf)].join('\n')

/** The pages with a table of errors, and their classes. */
export const ERROR_PAGES: Readonly<Record<string, readonly ErrorClass[]>> = {
  'docs/connectors/slack.md': slack,
  'docs/connectors/salesforce.md': salesforce,
  'docs/connectors/email.md': email,
}

/** A page with its table anew; throws when it has no place for one. */
export const withErrorTable = (page: string, classes: readonly ErrorClass[]): string => {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`the page has no ${BEGIN} … ${END}`)
  return `${before}${BEGIN}\n\n${tableOf(classes)}\n\n${END}${after}`
}
