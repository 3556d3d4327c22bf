// Where a sign-in leads: an address inside this page, whatever the query says.

/** A hostile `next` (`https://…`, `//evil`, `/\evil`, `javascript:`) leads home instead. */
export const safeNext = (next: string | undefined): string =>
  next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/'
