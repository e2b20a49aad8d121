import { GIVEN_BEFORE, type Birth } from './port.ts'

// Two ways in of one provider may round the account's creation differently.
const SAME_REGISTRATION = 60_000

/**
 * Whether an account created then is another registration of the user than the latest known one. Epoch
 * milliseconds; a creation that is not known proves nothing.
 */
export const isLaterRegistration = (createdAt: number | null, latest: number | null): boolean =>
  createdAt !== null && latest !== null && createdAt > latest + SAME_REGISTRATION

/**
 * The deliveries of a live registration in whose place a backfill gave its historical one to some connectors: these
 * are skipped, also where one is configured no more, so that no later backfill gives it to them.
 */
export const withoutGiven = (wanted: readonly Birth[], given: ReadonlySet<number>): readonly Birth[] => {
  if (given.size === 0) return wanted
  const others = wanted.filter(({ connector }) => !given.has(connector))
  return [...others, ...Array.from(given, (connector) => ({ connector, skipped: GIVEN_BEFORE }))]
}
