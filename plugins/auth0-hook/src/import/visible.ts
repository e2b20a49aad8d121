/** A stranger's text for a terminal or a comment: without what moves the cursor, breaks a line or turns it around. */
export const visible = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
