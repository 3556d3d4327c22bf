// The folder OM_MODULES: every `*.ts` in it, loaded when it appears, loaded anew when it is saved.

import { type FSWatcher, watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '@omserver/core'
import type { Logger } from 'pino'
import { makeFolder } from '../make-folder.ts'
import type { BrokenModule, CatalogueEntry } from './catalogue.ts'
import { FileModule, FileModuleError } from './file-module.ts'
import { ModuleProcesses } from './module-processes.ts'
import { refusedFiles } from './refused-files.ts'

// Editors write a file in several steps; the last one counts.
const SETTLE_MS = 150

type Loaded =
  | {
      readonly ok: true
      readonly module: FileModule
      readonly entries: readonly CatalogueEntry[]
    }
  | { readonly ok: false; readonly message: string; readonly line: number | null }

export interface ModuleFolder {
  entries(): readonly CatalogueEntry[]
  broken(): readonly BrokenModule[]
  /** The file that holds a module. */
  holding(name: string): FileModule | undefined
  /** Makes the folder when there is none. Throws Problem MODULES_FOLDER_UNUSABLE {folder, reason}. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** `taken`: names of built-in modules, which a file may not take. */
export const moduleFolder = (
  dir: string,
  options: { readonly log: Logger; readonly taken: (name: string) => boolean },
): ModuleFolder => {
  const processes = new ModuleProcesses()
  const files = new Map<string, Loaded>()
  const loading = new Set<FileModule>()
  const settling = new Map<string, NodeJS.Timeout>()
  const queues = new Map<string, Promise<void>>()
  const offered = new Map<string, { module: FileModule; entries: readonly CatalogueEntry[] }>()
  const broken = new Map<string, BrokenModule>()
  let watcher: FSWatcher | undefined
  let stopped = false

  const isModuleFile = (name: string) => /\.ts$/.test(name) && !/\.(test|d)\.ts$/.test(name)

  const warn = (problem: BrokenModule): void => {
    const known = broken.get(problem.file)
    broken.set(problem.file, problem)
    if (known?.message === problem.message && known.line === problem.line) return
    options.log.warn({ ...problem }, 'module not loaded')
  }

  /** What one file holds may decide what another one may offer. */
  const settle = (): void => {
    offered.clear()
    const good = [...files].flatMap(([file, one]) => (one.ok ? [{ file, ...one }] : []))
    const refused = refusedFiles(good, options.taken)
    for (const [file, one] of files) {
      const message = one.ok ? refused.get(file) : one.message
      if (message !== undefined) warn({ file, message, line: one.ok ? null : one.line })
      else {
        broken.delete(file)
        if (one.ok) offered.set(file, one)
      }
    }
    for (const file of broken.keys()) if (!files.has(file)) broken.delete(file)
  }

  const load = async (file: string): Promise<Loaded> => {
    const module = new FileModule(join(dir, file), processes)
    loading.add(module)
    try {
      return { ok: true, module, entries: await module.entries() }
    } catch (error) {
      await module.close()
      const line = error instanceof FileModuleError ? error.line : null
      return { ok: false, message: error instanceof Error ? error.message : String(error), line }
    } finally {
      loading.delete(module)
    }
  }

  /** What is broken is not offered: an older version that nobody can read any more must not run. */
  const look = async (file: string): Promise<void> => {
    const present = (await readdir(dir).catch((): string[] => [])).includes(file)
    const now = present && !stopped ? await load(file) : undefined
    const before = files.get(file)
    if (now) files.set(file, now)
    else files.delete(file)
    if (!stopped) settle()
    if (before?.ok) await before.module.close()
  }

  /** One after the other of the same file; a file that hangs holds up no other. */
  const enqueue = (file: string): Promise<void> => {
    const done = (queues.get(file) ?? Promise.resolve()).then(() => look(file))
    queues.set(file, done)
    return done
  }

  const refresh = (file: string): void => {
    clearTimeout(settling.get(file))
    settling.set(
      file,
      setTimeout(() => {
        settling.delete(file)
        void enqueue(file)
      }, SETTLE_MS),
    )
  }

  const inOrder = <T>(map: ReadonlyMap<string, T>): T[] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)

  return {
    entries: () => inOrder(offered).flatMap((one) => one.entries),
    broken: () => inOrder(broken),
    holding: (name) =>
      [...offered.values()].find((one) => one.entries.some((entry) => entry.name === name))?.module,
    start: async () => {
      try {
        makeFolder(dir)
        watcher = watch(dir, (_event, name) => {
          if (name && isModuleFile(name)) refresh(name)
        })
        const present = await readdir(dir)
        await Promise.all(present.filter(isModuleFile).map(enqueue))
      } catch (error) {
        // A file can be watched, and keeps the process alive that has nothing else to do.
        watcher?.close()
        const reason = error instanceof Error ? error.message : String(error)
        throw new Problem('MODULES_FOLDER_UNUSABLE', { folder: dir, reason })
      }
    },
    stop: async () => {
      stopped = true
      watcher?.close()
      for (const timer of settling.values()) clearTimeout(timer)
      await Promise.all([...loading].map((module) => module.close()))
      await Promise.all(queues.values())
      await Promise.all([...files.values()].map((one) => (one.ok ? one.module.close() : undefined)))
    },
  }
}
