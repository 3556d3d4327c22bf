// One file of a user's modules: a process that loads it, answers within a deadline, and is ended when idle.

import { type ModuleAnswer, Problem, type ProblemDetails } from '@omserver/core'
import { type OwnProcess, startProcess } from '../own-process.ts'
import { parseAction } from './action-schema.ts'
import type { CatalogueEntry } from './catalogue.ts'
import { type ModuleError, parseFromModule, type ToModule } from './module-messages.ts'
import type { ModuleProcesses } from './module-processes.ts'

const LOAD_MS = 10_000
const ANSWER_MS = 2000
// Who saves a file tries it next; nobody may come after the start of the server.
const DESCRIBED_MS = 5000
// Well below the CPU time a process is given, so that no use of it ever reaches that.
const LIFE_MS = 60_000

export class FileModuleError extends Error {
  readonly line: number | null
  constructor(message: string, line: number | null) {
    super(message)
    this.line = line
  }
}

interface Live {
  readonly process: OwnProcess
  readonly entries: readonly CatalogueEntry[]
  readonly waiting: Map<
    number,
    { resolve(answer: ModuleAnswer): void; reject(error: unknown): void }
  >
}

export class FileModule {
  readonly #file: string
  readonly #processes: ModuleProcesses
  readonly #running = new Set<OwnProcess>()
  #live: Promise<Live> | undefined
  #idle: NodeJS.Timeout | undefined
  #lastId = 0
  #closed = false

  constructor(file: string, processes: ModuleProcesses) {
    this.#file = file
    this.#processes = processes
  }

  /** Rejects with FileModuleError when the file does not compile, throws or loops while it loads. */
  async entries(): Promise<readonly CatalogueEntry[]> {
    const { entries, waiting } = await this.#start()
    if (waiting.size === 0) {
      this.#idle = setTimeout(() => this.drop(), DESCRIBED_MS)
      this.#idle.unref()
    }
    return entries
  }

  /** Throws Problem MODULE_THREW or MODULE_TIMEOUT, or the Problem the module threw. */
  async evaluate(
    name: string,
    params: Readonly<Record<string, unknown>>,
    check: boolean,
  ): Promise<ModuleAnswer> {
    const started = this.#start()
    const live = await started
    const id = ++this.#lastId
    const answered = Promise.withResolvers<ModuleAnswer>()
    live.waiting.set(id, answered)
    const timer = setTimeout(() => {
      answered.reject(new Problem('MODULE_TIMEOUT', { module: name, seconds: ANSWER_MS / 1000 }))
      this.#drop(started)
    }, ANSWER_MS)
    live.process.send({ id, name, params, check } satisfies ToModule)
    try {
      const answer = await answered.promise
      if (!answer.ok || answer.action === null) return answer
      return { ok: true, action: parseAction(answer.action) }
    } catch (error) {
      if (error instanceof Problem) throw error
      const message = error instanceof Error ? error.message : String(error)
      throw new Problem('MODULE_THREW', { module: name, message })
    } finally {
      clearTimeout(timer)
      live.waiting.delete(id)
      if (live.waiting.size === 0 && !this.#closed) this.#processes.rests(this)
    }
  }

  /** Whoever still waits for an answer is told that the process has ended. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#idle)
    this.#processes.works(this)
    await Promise.all([...this.#running].map((process) => process.kill()))
  }

  /** Ends the process; the next question starts another. */
  drop(): void {
    this.#drop(this.#live)
  }

  #start(): Promise<Live> {
    clearTimeout(this.#idle)
    this.#processes.works(this)
    if (this.#live) return this.#live
    const live = this.#processes.load(() => this.#load(() => this.#forget(live)))
    this.#live = live
    live.then(
      ({ process }) => setTimeout(() => this.#retire(live, process), LIFE_MS).unref(),
      // A file that failed to load is tried again when it is asked for again.
      () => this.#forget(live),
    )
    return live
  }

  async #load(forget: () => void): Promise<Live> {
    if (this.#closed) throw new FileModuleError('the file is no longer in use', null)
    const waiting: Live['waiting'] = new Map()
    const loaded = Promise.withResolvers<Live>()
    const end = (error: Error): void => {
      loaded.reject(error)
      for (const one of waiting.values()) one.reject(error)
      forget()
    }
    const process = startProcess(new URL('./module-process.ts', import.meta.url), [this.#file], {
      message: (foreign) => {
        const message = parseFromModule(foreign)
        if (message?.kind === 'loaded')
          loaded.resolve({ process, entries: message.entries, waiting })
        if (message?.kind === 'broken') end(loadError(message.error, this.#file))
        if (message?.kind === 'answer') waiting.get(message.id)?.resolve(message.answer)
        if (message?.kind === 'threw') waiting.get(message.id)?.reject(thrown(message.error))
      },
      ended: (why) => {
        this.#running.delete(process)
        end(new FileModuleError(`its process ${why}${hint(why)}`, null))
      },
    })
    this.#running.add(process)
    const timer = setTimeout(
      () => end(new FileModuleError(`does not finish loading within ${LOAD_MS / 1000} s`, null)),
      LOAD_MS,
    )
    try {
      return await loaded.promise
    } catch (error) {
      void process.kill()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** The next process may be there already: forgetting that one would leave it running for ever. */
  #forget(live: Promise<Live>): void {
    if (this.#live === live) this.#live = undefined
  }

  #drop(live: Promise<Live> | undefined): void {
    if (!live) return
    this.#forget(live)
    live.then(({ process }) => process.kill()).catch(() => undefined)
  }

  /** Asked no more; who has asked gets an answer, or has waited too long. */
  #retire(live: Promise<Live>, process: OwnProcess): void {
    this.#forget(live)
    setTimeout(() => process.kill(), 2 * ANSWER_MS).unref()
  }
}

/** V8 aborts when its heap is full, and says so only where nobody reads. */
const hint = (why: string): string =>
  why.endsWith('SIGABRT') ? ': it aborted, or needed more than 128 MB' : ''

const thrown = (error: ModuleError): Error =>
  error.code === null
    ? new Error(error.message)
    : new Problem(error.code, (error.details ?? {}) as ProblemDetails)

/** A syntax error's stack begins with `file:line`, any other names the file further down. */
const loadError = (error: ModuleError, file: string): FileModuleError => {
  const at = error.stack.indexOf(file)
  const line = at < 0 ? null : /^:(\d+)/.exec(error.stack.slice(at + file.length))?.[1]
  return new FileModuleError(error.message, line ? Number(line) : null)
}
