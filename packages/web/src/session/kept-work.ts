// Work that a reload or a look at another page must not lose: in this tab, for this person, and never a secret.

const mine = (user: string): string => `om.work ${user} `

/** Whatever JSON can say; undefined drops it. The caller leaves secrets out. */
export const keepWork = (user: string, name: string, work: unknown): void => {
  try {
    if (work === undefined) sessionStorage.removeItem(mine(user) + name)
    else sessionStorage.setItem(mine(user) + name, JSON.stringify(work))
  } catch {
    // A browser that forbids storage, or work too large for it, is as it would be without.
  }
}

/** As it was kept; undefined: nothing was. Anything could be there, so it is parsed by whoever asks. */
export const keptWork = (user: string, name: string): unknown => {
  try {
    const text = sessionStorage.getItem(mine(user) + name)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of everybody, or of everybody else: whoever signs in next finds nothing of it. */
export const dropWork = (exceptOf?: string): void => {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (!key.startsWith('om.work ')) continue
      if (exceptOf !== undefined && key.startsWith(mine(exceptOf))) continue
      sessionStorage.removeItem(key)
    }
  } catch {
    // Where nothing can be stored, nothing is.
  }
}
