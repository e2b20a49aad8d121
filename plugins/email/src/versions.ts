import type { RegistrationEvent, Services } from '@onsignup/core'
import type { Mailbox } from './address.ts'
import { notice, welcome } from './defaults.ts'
import { html as escapeHtml, oneLine, plain } from './escape.ts'
import { canonicalLanguage, languageFor } from './language.ts'
import { compileMjml } from './mjml.ts'
import type { Options, VersionOptions } from './options.ts'
import { plainText } from './plain-text.ts'

/** A message's words for one event. */
export interface Words {
  readonly subject: string
  readonly text: string
  readonly html: string | undefined
  /** Its language (BCP 47), where that is known. */
  readonly language: string | undefined
}

/** The message in all its languages. */
export interface Versions {
  /** The words for an event, in the language of its user; `leave` is where a person may opt out. */
  write(event: RegistrationEvent, leave: string | undefined): Words
  /** The languages that `languages` adds; empty without. */
  readonly languages: readonly string[]
}

type Render = (event: RegistrationEvent, leave: string | undefined) => string

interface Version {
  readonly subject: Render
  readonly text: Render | undefined
  readonly html: Render | undefined
  readonly language: string | undefined
}

const readHtml = async (file: string, services: Services): Promise<string> => {
  const source = await services.files.read(file)
  return file.toLowerCase().endsWith('.mjml') ? compileMjml(source, file, services.folder) : source
}

const sourcesOf = async (options: VersionOptions, services: Services) => ({
  text:
    options.text ??
    (options.text_file === undefined ? undefined : await services.files.read(options.text_file)),
  html:
    options.html ??
    (options.html_file === undefined ? undefined : await readHtml(options.html_file, services)),
})

const own = (
  subject: string,
  { text, html }: { readonly text: string | undefined; readonly html: string | undefined },
  language: string | undefined,
  { templates }: Services,
): Version => ({
  subject: templates.text(subject, oneLine),
  text: text === undefined ? undefined : templates.text(text, plain),
  html: html === undefined ? undefined : templates.text(html, escapeHtml),
  language,
})

// Escaped values hold no <, so that it is in no place but this one.
const PLACE = '<!-- unsubscribe -->'

const unsubscribeLine = (leave: string): string =>
  `<br><a href="${escapeHtml(leave)}" class="quiet" style="color:#6b7280">Unsubscribe</a>`

const standard = (options: Options, from: Mailbox, services: Services): Version => {
  const isToUser = /\{\{|\{%/.test(options.to)
  const sources = isToUser ? welcome(from.name, PLACE) : notice
  const { subject, text, html } = own(options.subject ?? sources.subject, sources, 'en', services)
  return {
    subject,
    text: (event, leave) =>
      `${text?.(event, leave) ?? ''}${isToUser && leave !== undefined ? `\nUnsubscribe: ${leave}\n` : ''}`,
    html: (event, leave) =>
      // A function, since $ means something in a replacement text.
      (html?.(event, leave) ?? '').replace(PLACE, () => (leave === undefined ? '' : unsubscribeLine(leave))),
    // An own subject may be in any language.
    language: options.subject === undefined ? 'en' : undefined,
  }
}

const main = async (options: Options, from: Mailbox, services: Services): Promise<Version> => {
  const sources = await sourcesOf(options, services)
  const fallback = standard(options, from, services)
  const language =
    options.default_language === undefined ? undefined : canonicalLanguage(options.default_language)
  if (sources.text === undefined && sources.html === undefined) {
    return { ...fallback, language: language ?? fallback.language }
  }
  const version = own(options.subject ?? '', sources, language, services)
  return options.subject === undefined ? { ...version, subject: fallback.subject } : version
}

/** Reads the files and compiles the templates; throws when one of them is wrong. */
export const createVersions = async (
  options: Options,
  from: Mailbox,
  services: Services,
): Promise<Versions> => {
  const usual = await main(options, from, services)
  const others = new Map<string, Version>()
  for (const [tag, version] of Object.entries(options.languages ?? {})) {
    const language = canonicalLanguage(tag) ?? tag
    const sources = await sourcesOf(version, services)
    others.set(language, own(version.subject ?? '', sources, language, services))
  }
  const available = new Set([...others.keys(), ...(usual.language === undefined ? [] : [usual.language])])
  return {
    languages: [...others.keys()],
    write(event, leave) {
      const chosen = others.get(languageFor(event, available) ?? '') ?? usual
      const html = chosen.html?.(event, leave)
      return {
        subject: chosen.subject(event, leave),
        text: chosen.text?.(event, leave) ?? plainText(html ?? ''),
        html,
        language: chosen.language,
      }
    },
  }
}
