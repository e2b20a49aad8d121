/** The ends of connections that are open in this process, which has both of each. */
export const sockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length
