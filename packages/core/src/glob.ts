// Patterns with `*` and `?`, matched in time linear in practice and never worse than length × length.

/** A regular expression would need exponential time for `*a*a*a*…`, and selectors are hostile input. */
export const globMatches = (pattern: string, text: string): boolean => {
  let at = 0
  let p = 0
  let star = -1
  let resume = 0
  while (at < text.length) {
    const sign = pattern[p]
    if (sign === '*') {
      star = p
      resume = at
      p += 1
    } else if (sign === '?' || sign === text[at]) {
      p += 1
      at += 1
    } else if (star >= 0) {
      p = star + 1
      resume += 1
      at = resume
    } else return false
  }
  while (pattern[p] === '*') p += 1
  return p === pattern.length
}

export const isGlob = (text: string): boolean => /[*?]/.test(text)
