// A playbook on all hosts of a slice: one ansible-playbook, whose callback tells us what happens.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { isSecretRef, type Json, type PlaybookAction, Problem, type Secrets } from '@omserver/core'
import type { WorkTogether } from '../../driver.ts'
import { inventoryOf, nameProblem } from './inventory.ts'
import type { Ended } from './launcher.ts'
import { type PlayEvent, readPlayEvents } from './play-events.ts'
import { createPlayHost, type PlayHost } from './play-host.ts'
import { type ProjectCache, ProjectProblem, playbookIn } from './project-cache.ts'
import { connect, isFailure, prepare, type Reached } from './reach.ts'
import { failed, nothingSent, type Seat, type Stage, unreachable } from './stage.ts'
import { startupError } from './startup-error.ts'
import { unsafeYaml } from './unsafe-yaml.ts'

/** Connections that are made at once, whatever the concurrency: each is a process. */
const MOST_CONNECTING = 32
/** Of a play that was interrupted, to say its last words. */
const GRACE_MS = 700

const NOBODY = 'the playbook names none of the chosen hosts (hosts: and limit)'

interface Player {
  readonly seat: Seat
  readonly reached: Reached
  readonly host: PlayHost
}

export interface PlaybookParts {
  readonly secrets: Pick<Secrets, 'open'>
  readonly projects: ProjectCache
  readonly playbook: string
  readonly python: string
  /** Ansible has started: the next may. */
  readonly begun: () => void
}

export const playPlaybook = async (
  work: WorkTogether & { readonly action: PlaybookAction },
  stage: Stage,
  parts: PlaybookParts,
): Promise<void> => {
  let args: readonly string[]
  let cwd: string
  try {
    cwd = await parts.projects.folderOf(work.action, parts.python)
    args = await argumentsOf(work, stage, parts, cwd)
  } catch (error) {
    for (const seat of stage.seats) seat.end(unfit(error))
    return
  }
  const players = await begun(work, stage)
  if (players.size === 0) return
  const hosts = [...players].map(([name, { seat, reached }]) => ({
    name,
    host: seat.member.host,
    user: reached.user,
    sshArgs: reached.way?.args.join(' '),
  }))
  await stage.box.write('inventory.yml', inventoryOf(hosts))
  for (const player of players.values()) stopAlone(player, stage)
  let stats: Extract<PlayEvent, { readonly kind: 'stats' }> | undefined
  let asked: string | undefined
  const tooLong = new AbortController()
  const heard = readPlayEvents(stage.launcher.events, async (event) => {
    parts.begun()
    if (event.kind === 'stats') stats = event
    else if (event.kind === 'prompt') {
      asked = event.name
      tooLong.abort()
    } else if (event.kind === 'begin') players.get(event.host)?.host.begin(event)
    else if (event.kind === 'result') {
      const player = players.get(event.host)
      if (player && !player.seat.isOver()) await player.host.result(event)
    }
  })
  const ended = await stage.launcher.run(
    {
      argv: [parts.playbook, ...args],
      env: { ...stage.env, ...pathsOf(cwd) },
      cwd,
      events: true,
    },
    AbortSignal.any([tooLong.signal, stage.over]),
  )
  if (stage.over.aborted) return
  // The launcher holds the other end: it is told that the play is through.
  await stage.launcher.finish()
  await heard
  const why =
    asked === undefined
      ? startupError(ended).replaceAll(`${cwd}/`, '')
      : `the playbook asks for "${asked}" (vars_prompt), and nobody is there to answer: give it as a variable`
  for (const [name, player] of players) conclude(name, player, { stats, ended, why })
}

const conclude = (
  name: string,
  { seat, host }: Player,
  play: {
    readonly stats: Extract<PlayEvent, { readonly kind: 'stats' }> | undefined
    readonly ended: Ended
    readonly why: string
  },
): void => {
  const { stats, ended, why } = play
  if (seat.isOver()) return
  if (!stats) {
    seat.end(host.cutShort(why))
    return
  }
  if (stats.hosts.size === 0 && ended.code !== 0) {
    seat.end(failed(why, 'playbookError'))
    return
  }
  // What Ansible warns of belongs to all of them.
  const warned = ended.err.trim()
  if (warned !== '') void seat.member.report.output('stderr', Buffer.from(`${warned}\n`))
  const end = host.end(stats.hosts.get(name))
  seat.end(stats.hosts.size > 0 ? end : { ...end, message: NOBODY })
}

const unfit = (error: unknown) => {
  if (error instanceof ProjectProblem) return failed(error.message, 'playbookError')
  if (error instanceof Problem && error.code === 'SECRET_MISSING') {
    return failed('a secret of this run is gone: give it again and rerun', 'secretMissing')
  }
  throw error
}

/** Hosts of a project have its roles and collections, and those of whoever runs the controller. */
const pathsOf = (project: string): Record<string, string> => {
  const home = join(homedir(), '.ansible')
  return {
    ANSIBLE_ROLES_PATH: [
      join(project, 'roles'),
      join(home, 'roles'),
      '/usr/share/ansible/roles',
      '/etc/ansible/roles',
    ].join(':'),
    ANSIBLE_COLLECTIONS_PATH: [
      join(project, 'collections'),
      join(home, 'collections'),
      '/usr/share/ansible/collections',
    ].join(':'),
  }
}

const refuse = (message: string): never => {
  throw new ProjectProblem(message)
}

const argumentsOf = async (
  work: WorkTogether & { readonly action: PlaybookAction },
  stage: Stage,
  { secrets }: PlaybookParts,
  folder: string,
): Promise<readonly string[]> => {
  const { action, check, concurrency } = work
  const { box } = stage
  const playbook = await playbookIn(folder, action.playbook)
  const { tags = [], skipTags = [], limit, runAs } = action
  for (const tag of [...tags, ...skipTags]) if (tag.includes(',')) refuse(`"${tag}" is not one tag`)
  // Ansible would read it from a file of this machine.
  if (limit !== undefined && /(?:^|[\s,:;&!])@/.test(limit))
    refuse('a limit cannot name a file (@)')
  const args = ['-i', box.at('inventory.yml'), '--forks', String(concurrency)]
  const vars: Record<string, Json> = {}
  for (const [name, value] of Object.entries(action.vars)) {
    if (/^ansible_/i.test(name)) {
      refuse(`the variable "${name}" is Ansible's own: what begins with ansible_ cannot be given`)
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) refuse(`"${name}" is not a name for a variable`)
    vars[name] = isSecretRef(value) ? (await secrets.open(value.ref)).reveal() : value
  }
  if (Object.keys(vars).length > 0)
    args.push('-e', `@${await box.write('vars.yml', unsafeYaml(vars))}`)
  if (tags.length > 0) args.push(`--tags=${tags.join(',')}`)
  if (skipTags.length > 0) args.push(`--skip-tags=${skipTags.join(',')}`)
  if (limit !== undefined) args.push(`--limit=${limit}`)
  if (check) args.push('--check', '--diff')
  if (action.vaultPassword) {
    const password = (await secrets.open(action.vaultPassword.ref)).reveal()
    args.push('--vault-password-file', await box.write('vault', `${password}\n`))
  }
  if (runAs) {
    args.push('--become', `--become-method=${runAs.method}`, `--become-user=${runAs.user}`)
    if (runAs.password) {
      const password = (await secrets.open(runAs.password.ref)).reveal()
      args.push('--become-password-file', await box.write('become', `${password}\n`))
    }
  }
  return [...args, playbook]
}

/** Who can be reached and may begin, by the names that Ansible knows them by. */
const begun = async (work: WorkTogether, stage: Stage): Promise<Map<string, Player>> => {
  const players = new Map<string, Player>()
  const waiting = [...stage.seats]
  const next = async (): Promise<void> => {
    for (let seat = waiting.shift(); seat; seat = waiting.shift()) {
      const reached = await admitted(seat, stage)
      const { host, report } = seat.member
      if (reached) players.set(host.name, { seat, reached, host: createPlayHost(report) })
    }
  }
  const lanes = Math.min(MOST_CONNECTING, Math.max(work.concurrency, 8))
  await Promise.all(Array.from({ length: lanes }, next))
  return players
}

const admitted = async (seat: Seat, stage: Stage): Promise<Reached | undefined> => {
  const { host, report, signal } = seat.member
  const stop = (): void => seat.end(nothingSent)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const odd = nameProblem(host.name)
    if (odd !== undefined) seat.end(failed(odd, 'playbookError'))
    if (seat.isOver()) return undefined
    const found = await prepare(host, seat.nth, stage.reach)
    if (isFailure(found)) {
      seat.end(unreachable(found))
      return undefined
    }
    const failure = await connect(host, found, stage.reach, report, signal)
    if (failure) seat.end(unreachable(failure))
    if (seat.isOver()) return undefined
    await report.started().catch(stop)
    return seat.isOver() ? undefined : found
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** A play goes on for the others: of one that leaves it, nothing can be ended. */
const stopAlone = ({ seat, host }: Player, stage: Stage): void => {
  const { signal } = seat.member
  const stop = (): void => {
    const all = stage.seats.every(({ member, isOver }) => isOver() || member.signal.aborted)
    const end = (): void =>
      seat.end({ state: 'lost', reason: 'connectionCut', leftRunning: host.leftRunning() })
    if (all) void stage.launcher.stop(GRACE_MS).then(end)
    else end()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
}
