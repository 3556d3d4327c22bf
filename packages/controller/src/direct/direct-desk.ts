// Where clients of an IDC come without the server: answers what they ask, takes what they begin and hands it to all
// controllers, ends it when they say so; and opens what another controller has taken.

import {
  abortSchema,
  type Clock,
  type DirectAnswer,
  directQuestionSchema,
  directRunOf,
  type Json,
  Problem,
  requireMayBegin,
  selectIn,
} from '@omserver/core'
import {
  type After,
  abortKey,
  type Call,
  DIRECT_ABORT,
  DIRECT_ASK,
  DIRECT_LETTER,
  DIRECT_RUN,
  type DirectReply,
  type Engine,
  type Idc,
  type Letter,
  type OpenDirect,
  type OpenedLetter,
  type OpeningKey,
  openLetter,
  parseLetter,
  type RunIntent,
  type Service,
  type Stop,
  sealAnswer,
  sliceKeyOf,
  type Verifier,
} from '@omserver/engine'
import type { ControllerLog } from '../controller-log.ts'
import { type BookReader, bookReader } from './book-reader.ts'
import {
  BEGUN_WITHIN_MS,
  checkedRun,
  type Evaluate,
  requireRecent,
  WAITS_AT_MOST_MS,
} from './checked-run.ts'
import { secretsOf, slicesOf } from './direct-slice.ts'

export interface DirectDesk {
  readonly open: OpenDirect
  /** From now on clients of the IDC are answered. */
  enter(site: DirectSite): Promise<Stop>
}

interface DirectSite {
  readonly idc: Idc
  readonly engine: Engine
  /** Name of the controller. */
  readonly name: string
  /** What is wanted of a run, on this controller. */
  readonly tell: (runId: string, intent: RunIntent) => void
}

export interface DeskParts {
  readonly own: () => OpeningKey
  readonly verifier: Verifier
  readonly evaluate: Evaluate
  readonly clock: Clock
  readonly after: After
  readonly log: ControllerLog
}

type LetterKind = Parameters<typeof openLetter>[1]['kind']

const aborted: RunIntent = { want: 'abort', reason: 'byPerson' }

export const directDesk = (desk: DeskParts): DirectDesk => {
  const { clock, log, verifier } = desk
  const sites = new Map<Idc, DirectSite & { readonly book: BookReader }>()
  const partsNow = () => ({ ...desk, own: desk.own() })

  const readRun = async (
    { idc, engine, book }: DirectSite & { readonly book: BookReader },
    letter: Letter,
    withinMs: number,
  ) => {
    const epoch = await engine.log.epoch(idc)
    const site = { idc, epoch, book: () => book.current() }
    return checkedRun(letter, site, { ...partsNow(), withinMs })
  }

  /** Whether the end of the run was asked for by who may: who began it, or an administrator. */
  const isAbort = async (
    site: DirectSite & { readonly book: BookReader },
    opened: OpenedLetter,
    runId: string,
  ): Promise<boolean> => {
    const said = abortSchema.safeParse(opened.content).data
    if (said?.runId !== runId || said.client !== opened.client) return false
    const value = await site.engine.begun.get(site.idc, runId)
    if (value === undefined) return false
    const begun = await open(site, 'run', parseLetter(value))
    if (begun.client === opened.client) return true
    const { users } = (await site.book.current()).book
    return users.some(({ client, role }) => client === opened.client && role === 'admin')
  }

  const open = (site: DirectSite, kind: LetterKind, letter: Letter): Promise<OpenedLetter> =>
    openLetter(letter, { kind, idc: site.idc }, { own: desk.own(), verifier })

  /** A caller is answered so that only it can read: also why not. */
  const answering =
    (
      site: DirectSite & { readonly book: BookReader },
      kind: LetterKind,
      work: (letter: Letter, opened: OpenedLetter) => Promise<Json>,
    ) =>
    async (argument: Json, { caller }: Pick<Call, 'caller'>): Promise<Json> => {
      let letter: Letter
      let opened: OpenedLetter
      try {
        letter = parseLetter(argument)
        opened = await open(site, kind, letter)
        // A letter of somebody else may be known to many.
        if (caller.name !== opened.client) throw new Error(`${caller.name} has not written it`)
      } catch (error) {
        log.warn({ idc: site.idc, error }, 'a client was refused: what it sent is not proven')
        if (error instanceof Error && error.name === 'NotProven') {
          throw new Problem('DIRECT_NOT_PROVEN', { why: error.message })
        }
        throw new Problem('DIRECT_UNREADABLE')
      }
      const about = { kind, idc: site.idc, run: letter.run }
      const reply = await work(letter, opened).then(
        (value): DirectReply => ({ ok: true, value }),
        (error: unknown): DirectReply => {
          if (!(error instanceof Problem)) throw error
          log.info(
            { idc: site.idc, client: opened.client, code: error.code },
            'a client was refused',
          )
          return { ok: false, code: error.code, details: error.details }
        },
      )
      return sealAnswer(about, opened.key, reply as unknown as Json)
    }

  return {
    async open(idc, sliceId) {
      const site = sites.get(idc)
      const runId = directRunOf(sliceId)
      if (!site || runId === undefined) throw new Error(`nobody begins runs in ${idc} here`)
      const value = await site.engine.begun.get(idc, runId)
      if (value === undefined) throw new Error(`what run ${runId} is, does not lie there`)
      const run = await readRun(site, parseLetter(value), WAITS_AT_MOST_MS)
      const slice = slicesOf(run).find((one) => one.sliceId === sliceId)
      if (!slice) throw new Error(`run ${runId} has no slice ${sliceId}`)
      const abort = await site.engine.begun.get(idc, abortKey(runId))
      if (abort !== undefined) {
        const opened = await open(site, 'abort', parseLetter(abort)).catch(() => undefined)
        if (opened && (await isAbort(site, opened, runId))) site.tell(runId, aborted)
      }
      const secrets = secretsOf(slice, await site.book.current())
      return { slice, key: sliceKeyOf(run.key, sliceId), secrets }
    },

    async enter(given) {
      const { idc, engine, name } = given
      const book = bookReader(idc, { ...partsNow(), engine })
      const site = { ...given, book }
      sites.set(idc, site)

      const ask = async (_: Letter, { content, client, at }: OpenedLetter): Promise<Json> => {
        const question = directQuestionSchema.safeParse(content).data
        if (question?.client !== client) throw new Problem('DIRECT_UNREADABLE')
        requireRecent(at, clock, BEGUN_WITHIN_MS)
        const opened = (await book.current()).book
        const hosts = selectIn(opened, question.selector)
        const answer: DirectAnswer = {
          book: opened.number,
          epoch: await engine.log.epoch(idc),
          hosts: hosts.map(({ id, ...host }) => ({
            hostId: id,
            name: host.name,
            driver: host.driver,
            address: host.address,
            ...(host.encoding === undefined ? {} : { encoding: host.encoding }),
          })),
          settings: opened.settings,
          ...refusedOf(() => requireMayBegin(opened, client, question.module, hosts)),
        }
        return answer as unknown as Json
      }

      const begin = async (letter: Letter): Promise<Json> => {
        const run = await readRun(site, letter, BEGUN_WITHIN_MS)
        const runId = letter.run
        const isOurs = await engine.begun.putOnce(idc, runId, letter as unknown as Json)
        if (!isOurs) throw new Problem('RUN_ID_TAKEN', { run: runId })
        // Again after whatever cut the first try off: what is queued already is there once.
        await engine.queue.offer(idc, slicesOf(run))
        const { client, module, hosts } = run.submission
        log.info(
          { idc, client, run: runId, module, hosts: hosts.length },
          'a client has begun a run',
        )
        return null
      }

      const abort = async (letter: Letter, opened: OpenedLetter): Promise<Json> => {
        requireRecent(opened.at, clock, BEGUN_WITHIN_MS)
        if (!(await isAbort(site, opened, letter.run))) {
          throw new Problem('RUN_UNKNOWN', { run: letter.run })
        }
        await engine.begun.put(idc, abortKey(letter.run), letter as unknown as Json)
        given.tell(letter.run, aborted)
        return null
      }

      const service: Service = { self: name, callers: ['client'] }
      const stops = await Promise.all([
        engine.bus.serve(idc, DIRECT_ASK, service, answering(site, 'question', ask)),
        engine.bus.serve(idc, DIRECT_RUN, service, answering(site, 'run', begin)),
        engine.bus.serve(idc, DIRECT_ABORT, service, answering(site, 'abort', abort)),
        engine.bus.serve(idc, DIRECT_LETTER, service, async (runId) =>
          typeof runId === 'string' ? ((await engine.begun.get(idc, runId)) ?? null) : null,
        ),
      ])
      return async () => {
        await Promise.all(stops.map((stop) => stop()))
        book.stop()
        sites.delete(idc)
      }
    },
  }
}

const refusedOf = (check: () => void): Pick<DirectAnswer, 'refused'> => {
  try {
    check()
    return {}
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { refused: { code: error.code, details: error.details } }
  }
}
