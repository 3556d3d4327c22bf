// Ticking hosts on and off in a selector's text: the text stays the truth, the ticks edit it. Pure.

/** Terms are separated by white space outside of parentheses and quotes. */
const termsOf = (selector: string): string[] =>
  selector.match(/(?:"[^"]*"|'[^']*'|\([^)]*\)|[^\s"'(]+)+/g) ?? []

/** The selector with this host in it. `isIn`: whether the selector picks it now. */
export const tick = (selector: string, name: string): string => {
  const terms = termsOf(selector).filter((term) => term !== `!${name}`)
  // Without its exclusion another term may pick it already; the caller sees that and need not add it.
  return (terms.includes(name) ? terms : [...terms, name]).join(' ')
}

/** The selector without this host: its own term goes; if another term picks it, it is subtracted. */
export const untick = (selector: string, name: string, pickedByOther: boolean): string => {
  const terms = termsOf(selector).filter((term) => term !== name && term !== `!${name}`)
  return (pickedByOther ? [...terms, `!${name}`] : terms).join(' ')
}

export const hasTerm = (selector: string, name: string): boolean => termsOf(selector).includes(name)
export const withoutTerm = (selector: string, name: string): string =>
  termsOf(selector)
    .filter((term) => term !== name)
    .join(' ')

/** The same hosts in the same order, those of `picked` before the others. */
export const pickedFirst = <T extends { readonly name: string }>(
  hosts: readonly T[],
  picked: ReadonlySet<string>,
): readonly T[] => {
  const isPicked = ({ name }: T) => picked.has(name)
  return picked.size === 0 || hosts.every(isPicked)
    ? hosts
    : [...hosts.filter(isPicked), ...hosts.filter((host) => !isPicked(host))]
}
