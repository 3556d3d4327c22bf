// Which files of modules may not be offered although they load, and why.

import type { CatalogueEntry } from './catalogue.ts'

export interface NamedFile {
  readonly file: string
  readonly entries: readonly Pick<CatalogueEntry, 'name'>[]
}

const NAME = /^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/

/**
 * File name → what is wrong with it. Of two files with the same name neither is offered: whichever rule chose one,
 * a file that is added would silently change what a command that people know does, at once or at the next start.
 */
export const refusedFiles = (
  files: readonly NamedFile[],
  builtin: (name: string) => boolean,
): ReadonlyMap<string, string> => {
  const holders = new Map<string, string[]>()
  for (const { file, entries } of files) {
    for (const { name } of entries) holders.set(name, [...(holders.get(name) ?? []), file])
  }
  const wrong = ({ file, entries }: NamedFile): string | undefined => {
    if (entries.length === 0) return 'exports no module: export const x = module({ … })'
    for (const { name } of entries) {
      if (!NAME.test(name)) return `“${name}” is not a module name`
      if (builtin(name)) return `the name ${name} is taken by a built-in module`
      const all = holders.get(name) ?? []
      const others = [...new Set(all.filter((one) => one !== file))].sort()
      if (others.length > 0) {
        return `the name ${name} is taken by ${others.join(', ')} as well; neither is offered`
      }
      if (all.length > 1) return `the name ${name} is taken twice in this file`
    }
    return undefined
  }
  return new Map(
    files.flatMap((file) => {
      const problem = wrong(file)
      return problem === undefined ? [] : [[file.file, problem] as const]
    }),
  )
}
