// The folder OM_MODULES: every `*.ts` in it, loaded when it appears, loaded anew when it is saved.

import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { BrokenModule, CatalogueEntry } from './catalogue.ts'
import { FileModule, FileModuleError } from './file-module.ts'

// Editors write a file in several steps; the last one counts.
const SETTLE_MS = 150

interface Loaded {
  readonly module: FileModule
  readonly entries: readonly CatalogueEntry[]
}

export interface ModuleFolder {
  entries(): readonly CatalogueEntry[]
  broken(): readonly BrokenModule[]
  /** The file that holds a module. */
  holding(name: string): FileModule | undefined
  start(): Promise<void>
  stop(): Promise<void>
}

/** `taken`: names of built-in modules, which a file may not take. */
export const moduleFolder = (
  dir: string,
  options: { readonly log: Logger; readonly taken: (name: string) => boolean },
): ModuleFolder => {
  const loaded = new Map<string, Loaded>()
  const broken = new Map<string, BrokenModule>()
  const settling = new Map<string, NodeJS.Timeout>()
  let watcher: FSWatcher | undefined
  // One file after the other: the name that was there first keeps it.
  let queue: Promise<void> = Promise.resolve()

  const isModuleFile = (name: string) => /\.ts$/.test(name) && !/\.(test|d)\.ts$/.test(name)

  const problemOf = (file: string, entries: readonly CatalogueEntry[]): string | undefined => {
    if (entries.length === 0) return 'exports no module: export const x = module({ … })'
    for (const { name } of entries) {
      if (!/^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*$/.test(name))
        return `“${name}” is not a module name`
      const other = [...loaded].find(
        ([at, one]) => at !== file && one.entries.some((e) => e.name === name),
      )
      if (options.taken(name) || other)
        return `the name ${name} is taken${other ? ` by ${other[0]}` : ''}`
    }
    return undefined
  }

  const load = async (file: string): Promise<void> => {
    const module = new FileModule(join(dir, file))
    const before = loaded.get(file)
    try {
      const entries = await module.entries()
      const problem = problemOf(file, entries)
      if (problem) throw new FileModuleError(problem, null)
      loaded.set(file, { module, entries })
      broken.delete(file)
    } catch (error) {
      const line = error instanceof FileModuleError ? error.line : null
      const message = error instanceof Error ? error.message : String(error)
      // What is broken is not offered: an older version that nobody can read any more must not run.
      loaded.delete(file)
      broken.set(file, { file, message, line })
      options.log.warn({ file, line, message }, 'module not loaded')
      await module.close()
    }
    await before?.module.close()
  }

  const unload = async (file: string): Promise<void> => {
    const before = loaded.get(file)
    loaded.delete(file)
    broken.delete(file)
    await before?.module.close()
  }

  const refresh = (file: string): void => {
    clearTimeout(settling.get(file))
    settling.set(
      file,
      setTimeout(() => {
        settling.delete(file)
        queue = queue.then(async () => {
          const present = (await readdir(dir).catch((): string[] => [])).includes(file)
          await (present ? load(file) : unload(file))
        })
      }, SETTLE_MS),
    )
  }

  return {
    entries: () => [...loaded.values()].flatMap((one) => one.entries),
    broken: () => [...broken.values()],
    holding: (name) =>
      [...loaded.values()].find((one) => one.entries.some((entry) => entry.name === name))?.module,
    start: async () => {
      await mkdir(dir, { recursive: true })
      watcher = watch(dir, (_event, name) => {
        if (name && isModuleFile(name)) refresh(name)
      })
      for (const file of (await readdir(dir)).filter(isModuleFile).sort()) await load(file)
    },
    stop: async () => {
      watcher?.close()
      for (const timer of settling.values()) clearTimeout(timer)
      await queue
      await Promise.all([...loaded.keys()].map(unload))
    },
  }
}
