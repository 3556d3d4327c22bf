// Bounds of the connections to a database server.

/** Connections that read beside the one that writes: a page asks for a few things at once, and the process has one thread. */
export const READERS = 5

export const CONNECT_MS = 10_000

/** After this a statement is taken for lost, for a network that swallows everything says nothing. A migration needs time. */
export const STATEMENT_MS = 300_000
