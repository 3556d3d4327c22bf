// A pasted list of one-time passwords, one host a line: `web-1 secret`, `web-1,secret`, `web-1<tab>secret`. Pure.

export interface PasswordList {
  readonly passwords: Readonly<Record<string, string>>
  /** Line numbers, from 1, that hold no name and password. */
  readonly badLines: readonly number[]
  /** Names that stand in more than one line. */
  readonly doubled: readonly string[]
}

// The first separator ends the name; everything after it, spaces and commas included, is the password.
const line = /^\s*([^\s,，;]+)(?:\t|\s*[,，;]\s*|\s+)(.+)$/

export const parsePasswords = (text: string): PasswordList => {
  const passwords = new Map<string, string>()
  const badLines: number[] = []
  const doubled = new Set<string>()
  for (const [index, each] of text.split(/\r?\n/).entries()) {
    if (each.trim() === '') continue
    const [, name, password] = line.exec(each) ?? []
    if (name === undefined || password === undefined || password.trim() === '')
      badLines.push(index + 1)
    else if (passwords.has(name)) doubled.add(name)
    else passwords.set(name, password)
  }
  return { passwords: Object.fromEntries(passwords), badLines, doubled: [...doubled] }
}
