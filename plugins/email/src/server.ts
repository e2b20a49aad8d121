/** Where the SMTP server is and how the connection starts. */
export interface Server {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (smtps), rather than through STARTTLS. */
  readonly implicitTls: boolean
  readonly loopback: boolean
}

// RFC 6409: submission; RFC 8314: submission over implicit TLS.
const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const

const isScheme = (protocol: string): protocol is keyof typeof PORTS => Object.hasOwn(PORTS, protocol)

/** Whether a host is this machine; an IPv6 address with or without brackets. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || /^(?:\[?::1\]?|127(?:\.\d{1,3}){3})$/.test(host)

/** Reads `smtp://host:port` or `smtps://host:port`; a text says what is wrong, and never repeats the value. */
export const parseServer = (text: string): Server | string => {
  const url = URL.parse(text)
  if (url === null || !isScheme(url.protocol))
    return 'write smtp://host:port, or smtps://host:port for TLS at once'
  if (url.username !== '' || url.password !== '') {
    return 'the address holds credentials: write user and password apart, as user: and password:'
  }
  // Only the well-known schemes have their host names put into ASCII and their addresses into one spelling.
  const host = URL.parse(`http://${url.hostname}`)?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (host === '') return 'the host is missing: write smtp://host:port'
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    return 'nothing may follow the port: write smtp://host:port, and user and password apart'
  }
  const port = url.port === '' ? PORTS[url.protocol] : Number(url.port)
  if (port === 0) return 'there is no port 0'
  return { host, port, implicitTls: url.protocol === 'smtps:', loopback: isLoopback(host) }
}

/** How people write a server: `smtp.acme.com:587`. */
export const nameOf = ({ host, port }: Server): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
