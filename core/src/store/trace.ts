/**
 * What of a user to look for in a payload, which is JSON: an id or an address wherever it stands. A short id stands in other
 * words too, and is looked for as a whole value only.
 */
export const traceOf = (user: string): string => {
  const json = JSON.stringify(user)
  return user.length < 8 && !user.includes('@') ? json : json.slice(1, -1)
}
