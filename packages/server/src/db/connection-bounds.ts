// Bounds of the connections to a database server.

/** Connections that read beside the one that writes: a page asks for a few things at once, and the process has one thread. */
export const READERS = 5

export const CONNECT_MS = 10_000

/**
 * The session that writes is ended by the database when it has heard nothing of it for so long: its holder is frozen, or
 * its machine is gone without a word, and another may write.
 */
export const SILENCE_S = 12

/** Well below: a garbage collection, or a machine that is busy for a moment, must not cost the lock. */
export const HEARTBEAT_MS = 3_000

/** After this a statement is taken for lost, for a network that swallows everything says nothing. A migration needs time. */
export const STATEMENT_MS = 300_000
