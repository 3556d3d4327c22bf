// Commands, scripts and copies on all hosts of a slice: one ansible-playbook of one task, that asks us host by host.

import type { HostEnd, HostLeaf } from '@omserver/core'
import type { WorkTogether } from '../../driver.ts'
import { COMMAND_MAX_BYTES, hostProgram, TOO_LONG } from '../../host-program.ts'
import { createLastWords, type LastWords } from '../../last-words.ts'
import { isOpened, type LeafSources, type OpenedWork, openLeaf } from '../../opened-leaf.ts'
import { randomToken } from '../../random-token.ts'
import { inventoryOf } from './inventory.ts'
import { brokenEnd, bytesOnLine, createTrailer, leafCommand, leafEnd } from './leaf-command.ts'
import { type Answer, openLeafGate } from './leaf-gate.ts'
import { connect, isFailure, prepare, type Reached } from './reach.ts'
import { failed, nothingSent, type Seat, type Stage, unreachable } from './stage.ts'
import { startupError } from './startup-error.ts'
import { stopLeaf } from './stop-leaf.ts'

/** For what a command says last, once it has been ended. */
const LAST_WORDS_MS = 200
/** A driver has 2 s from its signal to its end. */
const STOP_MS = 1_500

const playbook = '- hosts: all\n  gather_facts: false\n  tasks: [{name: command, om_leaf: {}}]\n'

interface Turn {
  readonly seat: Seat
  readonly reached: Reached
  readonly opened: OpenedWork
  readonly command: string
  readonly input?: Uint8Array
  readonly task: string
  readonly trailer: ReturnType<typeof createTrailer>
  readonly words: LastWords
  /** Its connection, tried once. */
  connect(): Promise<HostEnd | undefined>
  /** It has its command; resolves when the worker is through with it. */
  sent: boolean
  /** Its command is being stopped; resolves when it is known what became of it. */
  stopping?: Promise<void>
  readonly answered: PromiseWithResolvers<void>
}

export const playLeaf = async (
  work: WorkTogether & { readonly action: HostLeaf },
  stage: Stage,
  parts: LeafSources & {
    readonly playbook: string
    /** Ansible has started: the next may. */
    readonly begun: () => void
  },
): Promise<void> => {
  const turns = new Map<string, Turn>()
  for (const seat of stage.seats) {
    const turn = seat.isOver() ? undefined : await turnOf(seat, work, stage, parts)
    if (turn) turns.set(nameOf(seat), turn)
  }
  if (turns.size === 0 || stage.over.aborted) return
  for (const turn of turns.values()) watch(turn, work.action, stage)
  // While Ansible starts.
  for (const turn of [...turns.values()].slice(0, work.concurrency)) void turn.connect()
  const gate = await openLeafGate(stage.box.at('gate'), {
    async ask(name) {
      parts.begun()
      const turn = turns.get(name)
      return turn && (await begin(turn))
    },
    output(name, stream, bytes) {
      const turn = turns.get(name)
      if (!turn || turn.seat.isOver()) return undefined
      const said = stream === 'stderr' ? turn.trailer.push(bytes) : bytes
      return tell(turn, stream, said)
    },
    answered(name, answer) {
      const turn = turns.get(name)
      if (turn) conclude(turn, work.action, answer)
    },
  })
  try {
    const { box, launcher, env } = stage
    const hosts = [...turns].map(([name, { seat, reached }]) => ({
      name,
      host: seat.member.host,
      user: reached.user,
      sshArgs: reached.way?.args.join(' '),
    }))
    const { runAs } = work.action
    const password = [...turns.values()][0]?.opened.password
    await box.write(
      'inventory.yml',
      inventoryOf(hosts, runAs && { ...runAs, password }, { ansible_ssh_use_tty: false }),
    )
    await box.write('play.yml', playbook)
    stage.launcher.events.resume()
    const ended = await launcher.run(
      {
        argv: [
          parts.playbook,
          '-i',
          box.at('inventory.yml'),
          '--forks',
          String(work.concurrency),
          box.at('play.yml'),
        ],
        env: { ...env, OM_GATE: box.at('gate') },
        cwd: box.folder,
        events: true,
      },
      stage.over,
    )
    // Ansible may be gone before it is known whether what it had begun is.
    await Promise.all([...turns.values()].map(({ stopping }) => stopping))
    for (const { seat } of turns.values()) seat.end(failed(startupError(ended)))
  } finally {
    gate.close()
  }
}

const nameOf = ({ nth }: Seat): string => `om${nth}`

const turnOf = async (
  seat: Seat,
  work: WorkTogether & { readonly action: HostLeaf },
  stage: Stage,
  sources: LeafSources,
): Promise<Turn | undefined> => {
  const { host, report, signal } = seat.member
  const { action } = work
  const opened = await openLeaf(action, host, sources)
  if (!isOpened(opened)) {
    seat.end(opened)
    return undefined
  }
  const task = randomToken()
  const token = `om-end-${randomToken()}`
  const program = hostProgram(opened.leaf, { task, terminal: false })
  const command = leafCommand(program, token)
  if (bytesOnLine(command, action.runAs !== undefined) > COMMAND_MAX_BYTES) {
    seat.end(failed(TOO_LONG))
    return undefined
  }
  const found = await prepare(host, seat.nth, stage.reach)
  if (isFailure(found)) {
    seat.end(unreachable(found))
    return undefined
  }
  let connecting: Promise<HostEnd | undefined> | undefined
  return {
    seat,
    reached: found,
    opened,
    command,
    ...(program.stdin === undefined ? {} : { input: program.stdin }),
    task,
    trailer: createTrailer(token),
    words: createLastWords(host.encoding),
    connect() {
      connecting ??= connect(host, found, stage.reach, report, signal).then((failure) => {
        const end = failure && (signal.aborted ? nothingSent : unreachable(failure))
        if (end) seat.end(end)
        return end
      })
      return connecting
    },
    sent: false,
    answered: Promise.withResolvers<void>(),
  }
}

const begin = async (turn: Turn) => {
  const { seat, command, input } = turn
  const { report, signal } = seat.member
  if (seat.isOver() || (await turn.connect()) || seat.isOver()) return undefined
  try {
    await report.started()
  } catch {
    seat.end(nothingSent)
  }
  if (signal.aborted) seat.end(nothingSent)
  if (seat.isOver()) return undefined
  turn.sent = true
  return { command, input }
}

const watch = (turn: Turn, action: HostLeaf, stage: Stage): void => {
  const { seat } = turn
  const { signal } = seat.member
  const stop = (): void => {
    if (turn.sent) turn.stopping = stopTurn(turn, action, stage)
    else seat.end(nothingSent)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}

const stopTurn = async (turn: Turn, action: HostLeaf, stage: Stage): Promise<void> => {
  const { seat, task, opened, reached, answered } = turn
  let gone = false
  const over = answered.promise.then(() => {
    gone = true
  })
  const late = new Promise<'unknown'>((resolve) => setTimeout(() => resolve('unknown'), STOP_MS))
  const stopped = stopLeaf(stage, reached, {
    task,
    ...(action.runAs ? { runAs: action.runAs } : {}),
    ...(opened.password === undefined ? {} : { password: opened.password }),
  })
  const said = await Promise.race([stopped, late])
  if (said === 'no' || said === 'none') {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))])
  }
  const leftRunning = said === 'none' ? (gone ? 'no' : 'unknown') : said
  seat.end({ state: 'lost', reason: 'connectionCut', leftRunning })
}

const tell = (
  turn: Turn,
  stream: 'stdout' | 'stderr',
  bytes: Buffer,
): Promise<void> | undefined => {
  if (bytes.length === 0) return undefined
  if (stream === 'stderr') turn.words.push(bytes)
  return turn.seat.member.report.output(stream, bytes)
}

const conclude = (turn: Turn, action: HostLeaf, answer: Answer | undefined): void => {
  const { seat, trailer, words, answered } = turn
  const { rest, exit } = trailer.end()
  if (!seat.isOver()) void tell(turn, 'stderr', rest)
  answered.resolve()
  const end =
    exit === undefined
      ? brokenEnd(action, answer, words.read())
      : leafEnd(action, exit, words.read())
  // A command that is being stopped is ended by whoever stops it.
  if (!seat.member.signal.aborted) seat.end(end)
}
