// How many connections read beside the one that writes.

/** A page asks for a few things at once; more would wait for the process, which has one thread. */
export const READERS = 5
