/** Sends what waits in groups: all that came in one turn of the event loop, or while an earlier group was on its way. */
export const grouped = <T>(send: (items: readonly T[]) => Promise<unknown>): ((item: T) => Promise<void>) => {
  let items: T[] = []
  let group = Promise.withResolvers<void>()
  let isBusy = false

  const flush = async (): Promise<void> => {
    while (items.length > 0) {
      const sent = items
      const { resolve, reject } = group
      items = []
      group = Promise.withResolvers()
      try {
        await send(sent)
        resolve()
      } catch (error) {
        reject(error)
      }
      // Lets those who were told ask for more, so that they make the next group together.
      await new Promise((resolved) => setImmediate(resolved))
    }
    isBusy = false
  }

  return (item) => {
    items.push(item)
    if (!isBusy) setImmediate(() => void flush())
    isBusy = true
    return group.promise
  }
}
