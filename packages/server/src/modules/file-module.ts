// One file of a user's modules: a worker that loads it, answers within a deadline, and is ended when idle.

import { Worker } from 'node:worker_threads'
import { Problem, type ProblemDetails } from '@omserver/core'
import { parseAction } from './action-schema.ts'
import type { CatalogueEntry } from './catalogue.ts'
import type { ModuleAnswer } from './evaluate-module.ts'
import type { FromWorker, ToWorker, WorkerData, WorkerError } from './module-worker-messages.ts'

const LOAD_MS = 10_000
const ANSWER_MS = 2000
// A worker with Zod in it holds about 12 MB: fifty files must not hold fifty of them for ever.
const IDLE_MS = 60_000

export class FileModuleError extends Error {
  readonly line: number | null
  constructor(message: string, line: number | null) {
    super(message)
    this.line = line
  }
}

interface Live {
  readonly worker: Worker
  readonly entries: readonly CatalogueEntry[]
  readonly waiting: Map<
    number,
    { resolve(answer: ModuleAnswer): void; reject(error: unknown): void }
  >
}

export class FileModule {
  readonly #file: string
  #live: Promise<Live> | undefined
  #idle: NodeJS.Timeout | undefined
  #lastId = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Rejects with FileModuleError when the file does not compile, throws or loops while it loads. */
  async entries(): Promise<readonly CatalogueEntry[]> {
    const { entries } = await this.#start()
    this.#restWhenIdle()
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
    live.worker.postMessage({ id, name, params, check } satisfies ToWorker)
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
      this.#restWhenIdle()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const live = await this.#live?.catch(() => undefined)
    this.#live = undefined
    await live?.worker.terminate()
  }

  #start(): Promise<Live> {
    clearTimeout(this.#idle)
    this.#live ??= this.#load()
    return this.#live
  }

  #load(): Promise<Live> {
    const worker = new Worker(new URL('./module-worker.ts', import.meta.url), {
      workerData: { file: this.#file } satisfies WorkerData,
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    worker.unref()
    const waiting: Live['waiting'] = new Map()
    const loaded = Promise.withResolvers<Live>()
    const timer = setTimeout(() => {
      loaded.reject(new FileModuleError(`does not finish loading within ${LOAD_MS / 1000} s`, null))
      void worker.terminate()
    }, LOAD_MS)
    const live = loaded.promise.finally(() => clearTimeout(timer))
    // The next worker may be there already: forgetting that one would leave it running for ever.
    const forget = (): void => {
      if (this.#live === live) this.#live = undefined
    }
    // A file that failed to load is tried again when it is asked for again.
    live.catch(forget)
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'loaded') loaded.resolve({ worker, entries: message.entries, waiting })
      if (message.kind === 'broken') {
        loaded.reject(loadError(message.error, this.#file))
        void worker.terminate()
      }
      if (message.kind === 'answer') waiting.get(message.id)?.resolve(message.answer)
      if (message.kind === 'threw') waiting.get(message.id)?.reject(thrown(message.error))
    })
    const gone = (error: Error) => {
      loaded.reject(new FileModuleError(error.message, null))
      for (const one of waiting.values()) one.reject(error)
      forget()
    }
    worker.on('error', gone)
    worker.on('exit', () => gone(new Error('the module’s worker ended')))
    return live
  }

  #drop(live = this.#live): void {
    if (this.#live === live) this.#live = undefined
    live?.then(({ worker }) => worker.terminate()).catch(() => undefined)
  }

  #restWhenIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#drop(), IDLE_MS)
    this.#idle.unref()
  }
}

const thrown = (error: WorkerError): Error =>
  error.code === null
    ? new Error(error.message)
    : new Problem(error.code, (error.details ?? {}) as ProblemDetails)

/** A syntax error's stack begins with `file:line`, any other names the file further down. */
const loadError = (error: WorkerError, file: string): FileModuleError => {
  const at = error.stack.indexOf(file)
  const line = at < 0 ? null : /^:(\d+)/.exec(error.stack.slice(at + file.length))?.[1]
  return new FileModuleError(error.message, line ? Number(line) : null)
}
