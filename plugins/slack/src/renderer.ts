import type { RegistrationEvent, Templates } from '@onsignup/core'
import { cutText, escapeMarkdown, escapeMrkdwn, escapeText, escapeUrl } from './text.ts'

/** The kinds of place that a template's text goes to. */
export type Place = 'text' | 'mrkdwn' | 'markdown' | 'url'

/** A template's text for an event, at most `most` characters long; `perValue` limits each value in it. */
export type Rendering = (event: RegistrationEvent, most: number, perValue: number) => string

const SMALLEST_VALUE = 16

/**
 * Compiles templates whose output keeps to a limit: values are shortened before they are escaped until all fits, and
 * only a text that is too long without them is cut itself.
 */
export const createRenderer = (templates: Templates): ((source: string, place: Place) => Rendering) => {
  // An engine is kept for each escape, so the limit is handed over beside it; rendering is synchronous.
  let limit = 0
  const escapes: Readonly<Record<Place, (value: string) => string>> = {
    text: (value) => escapeText(value, limit),
    mrkdwn: (value) => escapeMrkdwn(value, limit),
    markdown: (value) => escapeMarkdown(value, limit),
    url: (value) => escapeUrl(value, limit),
  }
  return (source, place) => {
    const render = templates.text(source, escapes[place])
    return (event, most, perValue) => {
      limit = Math.min(most, perValue)
      let text = render(event)
      while (text.length > most && limit > SMALLEST_VALUE) {
        limit = Math.max(Math.floor(limit / 2), SMALLEST_VALUE)
        text = render(event)
      }
      // Half an address leads somewhere else.
      return place === 'url' && text.length > most ? '' : cutText(text, most)
    }
  }
}
