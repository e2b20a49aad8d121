import { validOptions, type Problem, type Schema } from '@onsignup/core'

/** What is known of a request before its body is read. */
export interface Head {
  readonly method: string
  /** A header's value, whatever the case of its name. */
  header(name: string): string | undefined
}

/** A request with its body as the bytes that came, over which a signature may have been made. */
export interface Received extends Head {
  readonly body: Uint8Array
}

/** Why a request is not taken, in the terms of HTTP. */
export interface Refusal {
  readonly kind: 'refused'
  readonly status: number
  /** Stable, for scripts. */
  readonly code: string
  readonly title: string
  readonly mend?: string | undefined
  readonly errors?: readonly Problem[]
  readonly headers?: Readonly<Record<string, string>>
}

/** One thing of a payload. */
interface Thing {
  /** The provider's own id of it. */
  readonly eventId: string | null
  /** As it was sent, without secrets; it is kept where no registration comes of it. */
  readonly payload: unknown
}

/** A registration that a payload holds. */
export interface Found extends Thing {
  /** A RegistrationInput as far as its sender can be trusted: `publish` checks it. */
  readonly registration: unknown
}

/** What cannot be made a registration. */
export interface Unreadable extends Thing {
  readonly why: string
}

/** What a payload holds. */
export interface Reading {
  readonly kind: 'read'
  readonly registrations: readonly Found[]
  /** How many events of other types there were. */
  readonly ignored: number
  readonly unreadable: readonly Unreadable[]
}

/** What became of a registration that the source read. */
export interface Taken {
  readonly id: string
  readonly duplicate: boolean
}

/** A request that was taken: its registrations are durable, and so is what was refused. */
export interface Acceptance {
  readonly kind: 'taken'
  readonly events: readonly Taken[]
  readonly ignored: number
  /** How many could not be read or were refused; they are kept, to be tried again. */
  readonly refused: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One address that a provider sends to. */
export interface Endpoint {
  /** As `/sources/auth0`. */
  readonly path: string
  readonly methods: readonly string[]
  /** Bytes. */
  readonly largestBody: number
  /** What the headers alone decide: who sends no secret is told so before a byte of the body is kept. */
  admit(head: Head): Refusal | undefined
  /** Verifies what needs the body, and turns it into registrations. */
  read(received: Received): Reading | Refusal
  /** The provider's own form of an answer. Default: JSON of the acceptance, RFC 9457 of a refusal. */
  answer?(came: Acceptance | Refusal): Answer
}

/** What a source's author writes. */
interface Definition<In, Out> {
  /** As `auth0`: the realm in which its users are known, whatever the operator names the source. */
  readonly provider: string
  /** One flat object schema. Mark secrets with `.meta({ writeOnly: true })`. */
  readonly options: Schema<In, Out>
  /** `name` is the operator's. Reads and sends nothing. */
  connect(options: Out, name: string): readonly Endpoint[]
}

/** An identity provider's way in: verifies who sent it and turns its payload into registrations. */
export interface Source<In = unknown> {
  readonly provider: string
  readonly options: Schema<In, unknown>
  /** Rejects with OnSignupError `options_invalid`. */
  connect(options: unknown, name: string): Promise<readonly Endpoint[]>
}

export const defineSource = <In, Out>({ provider, options, connect }: Definition<In, Out>): Source<In> => ({
  provider,
  options,
  async connect(given, name) {
    const owner = name === provider ? `source ${name}` : `source ${name} (${provider})`
    return connect(await validOptions(options, given, { owner, of: provider }), name)
  },
})
