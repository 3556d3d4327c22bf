// What copies of runs under way take from the engine's Blobs: there before their hosts are offered, gone with the last
// run that needs it.

import { type Action, blobsOf, leavesOf, Problem } from '@omserver/core'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import type { RunContents } from './ports.ts'

export class ContentUnderWay {
  readonly #services: Pick<Services, 'engine' | 'log'>
  readonly #contents: RunContents | undefined
  readonly #active: ReadonlyMap<string, ActiveRun>
  /** Ids of runs whose content is there. */
  readonly #provided = new Set<string>()
  /** One thing at a time happens to a blob: what one run lets go, another may just have asked for. */
  readonly #turns = new Map<string, Promise<void>>()

  constructor(
    services: Pick<Services, 'engine' | 'log'>,
    contents: RunContents | undefined,
    active: ReadonlyMap<string, ActiveRun>,
  ) {
    this.#services = services
    this.#contents = contents
    this.#active = active
  }

  /** Throws Problem FILE_GONE: a run that is repeated may name what has been removed since. */
  async require(action: Action | null): Promise<void> {
    if (!action || !this.#contents) return
    for (const hash of blobsOf(action)) {
      if (!(await this.#contents.source(hash))) {
        throw new Problem('FILE_GONE', { file: nameOf(action, hash) })
      }
    }
  }

  /**
   * Resolves when controllers can read what the run's copies need; to whether the store of the engine was lost since it
   * was asked last, and all that lay in it.
   */
  async prepare(active: ActiveRun): Promise<boolean> {
    const anew = active.takeOfferAnew()
    if (anew) this.#provided.delete(active.id)
    const { action } = active.run
    if (!action || this.#provided.has(active.id)) return anew
    await this.#provide(action)
    this.#provided.add(active.id)
    return anew
  }

  async #provide(action: Action): Promise<void> {
    for (const hash of blobsOf(action)) {
      await this.#inTurn(hash, async () => {
        const source = await this.#contents?.source(hash)
        if (!source) throw new Problem('FILE_GONE', { file: nameOf(action, hash) })
        await this.#services.engine.blobs.provide(source)
      })
    }
  }

  /** After the run is no longer among the active ones. Never rejects. */
  async release({ id, run: { action } }: ActiveRun): Promise<void> {
    this.#provided.delete(id)
    if (!action) return
    for (const hash of blobsOf(action)) {
      await this.#inTurn(hash, async () => {
        if (this.runsWith(hash).length > 0) return
        await this.#services.engine.blobs.remove(hash)
      }).catch((error: unknown) => {
        this.#services.log.warn({ err: error, hash }, 'the content of a copy was not removed')
      })
    }
  }

  /** Ids of the runs under way that copy this content. */
  runsWith(hash: string): readonly string[] {
    return [...this.#active.values()].flatMap(({ id, run }) =>
      run.action && blobsOf(run.action).includes(hash) ? [id] : [],
    )
  }

  #inTurn(hash: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(hash) ?? Promise.resolve()
    const done = before.catch(() => undefined).then(work)
    this.#turns.set(hash, done)
    const forget = (): void => {
      if (this.#turns.get(hash) === done) this.#turns.delete(hash)
    }
    done.then(forget, forget)
    return done
  }
}

const nameOf = (action: Action, hash: string): string => {
  for (const leaf of leavesOf(action)) {
    if (leaf.kind !== 'copy' || !('file' in leaf.source)) continue
    const { file, content } = leaf.source
    if (content?.blob === hash) return `${file} v${content.version}`
  }
  return hash.slice(0, 12)
}
