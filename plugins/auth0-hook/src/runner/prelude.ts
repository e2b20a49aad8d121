/**
 * Defines what Auth0 put before a Hook: two error classes, and `PostUserRegistrationError`, which it did not have and
 * scripts use all the same. As globals, so that a script may declare its own of the same name.
 */
export const definePrelude = (configuration: Readonly<Record<string, string>> | undefined): void => {
  class ExtensibilityUserError extends Error {
    override name = 'ExtensibilityUserError'
  }
  class PreUserRegistrationError extends ExtensibilityUserError {
    override name = 'PreUserRegistrationError'
    friendlyMessage: unknown
    constructor(message?: string, friendlyMessage?: unknown) {
      super(message)
      this.friendlyMessage = friendlyMessage || message
    }
  }
  class PostUserRegistrationError extends ExtensibilityUserError {
    override name = 'PostUserRegistrationError'
  }
  const globals = { ExtensibilityUserError, PreUserRegistrationError, PostUserRegistrationError }
  const all = configuration === undefined ? globals : { ...globals, configuration: { ...configuration } }
  for (const [name, value] of Object.entries(all)) {
    Reflect.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false })
  }
}
