// Two ways in of one provider may round the account's creation differently.
const SAME_REGISTRATION = 60_000

/**
 * Whether an account created then is another registration of the user than the latest known one. Epoch
 * milliseconds; a creation that is not known proves nothing.
 */
export const isLaterRegistration = (createdAt: number | null, latest: number | null): boolean =>
  createdAt !== null && latest !== null && createdAt > latest + SAME_REGISTRATION
