const MOST = 50

/** A name that a connector and its file may have: `Welcome Mail (EU)` is `welcome-mail-eu`. */
export const connectorName = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z\d_]+/g, '-')
    .replaceAll(/^[-_]+|[-_]+$/g, '')
    .slice(0, MOST)
    .replaceAll(/[-_]+$/g, '')
  if (plain === '') return 'hook'
  return /^[a-z]/.test(plain) ? plain : `hook-${plain}`
}

/** The first of `name`, `name-2`, `name-3`… that is free. */
export const freeName = (name: string, isFree: (name: string) => boolean, stroke = '-'): string => {
  let candidate = name
  for (let number = 2; !isFree(candidate); number += 1) candidate = `${name}${stroke}${number}`
  return candidate
}

// What a machine or a program sets by itself would be taken for the secret, since the environment wins over .env.
const RESERVED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMP|TEMP|TMPDIR|PWD|OLDPWD|SHLVL|HOST|HOSTNAME|PORT|CI|DEBUG|EDITOR|MAIL|_|(?:NODE|NPM|LD|DYLD|PG|SSL|ONSIGNUP|AUTH0)_?\w*|(?:HTTPS?|ALL|NO)_PROXY)$/i

const asVariable = (name: string): string => name.replaceAll(/[^A-Za-z\d_]/g, '_')

/** A secret's name as that of a variable; undefined when it needs the connector's name in front. */
export const plainVariable = (secret: string): string | undefined => {
  const variable = asVariable(secret)
  return /^[A-Za-z_]/.test(variable) && !RESERVED.test(variable) ? variable : undefined
}

/** The variable of one connector's secret: `WELCOME_MAIL_API_KEY`. */
export const ownVariable = (connector: string, secret: string): string =>
  `${asVariable(connector).toUpperCase()}_${asVariable(secret)}`
