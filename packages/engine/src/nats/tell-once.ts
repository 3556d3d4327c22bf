// What will be said again and again is told once: a slice that nobody may open is delivered every few seconds.

const REMEMBERED = 1_000

/** Passes on what it is told, unless that is among the last thousand things it has passed on. */
export const tellOnce = <Said extends readonly unknown[]>(
  tell: ((...said: Said) => void) | undefined,
): ((...said: Said) => void) => {
  const told = new Set<string>()
  return (...said) => {
    const text = JSON.stringify(said)
    if (told.has(text)) return
    const [oldest] = told
    if (told.size >= REMEMBERED && oldest !== undefined) told.delete(oldest)
    told.add(text)
    tell?.(...said)
  }
}
