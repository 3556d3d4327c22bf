// Errors of the client libraries, without what they know too much of: statements with their values, rows, hosts' output.

const kept = ['code', 'errno', 'sqlState', 'severity', 'constraint', 'table', 'column', 'routine']

export const bareError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // Several addresses of one name were tried: the message of all is empty.
  const bare = new Error(error.message || code || 'no answer')
  for (const name of kept) {
    const value: unknown = Reflect.get(error, name)
    if (typeof value === 'string' || typeof value === 'number') Reflect.set(bare, name, value)
  }
  return bare
}

const network =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ENOENT|EACCES|ERR_SOCKET|ERR_TLS|ERR_SSL|ERR_STREAM|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HANDSHAKE|EADDR)/

export const isNetworkError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && network.test(error.code)
