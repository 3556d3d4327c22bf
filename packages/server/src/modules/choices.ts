// Choices of a form field that are not fixed: from the hosts themselves (a label, a fact, what a command prints), or
// from the projects of playbooks.

import { moduleRoutes } from '@omserver/api'
import { type Host, Problem, raw, type ShellAction, sh } from '@omserver/core'
import type { Actor } from '../actor.ts'
import { type Handler, handle } from '../http/index.ts'
import type { ModuleCatalogue } from './catalogue.ts'

const MAX_CHOICES = 1000

/** Runs one read-only command on one host and resolves with what it printed; rejects when it is not ok. */
type AskHost = (
  actor: Actor,
  ask: {
    readonly module: string
    readonly field: string
    readonly host: Host
    readonly action: ShellAction
  },
) => Promise<string>

export interface ChoicesDeps {
  readonly modules: ModuleCatalogue
  readonly select: (selector: string) => Promise<{ readonly hosts: readonly Host[] }>
  readonly askHost: AskHost
  readonly projects: {
    names(): Promise<readonly string[]>
    show(name: string): Promise<{ readonly playbooks: readonly string[] }>
  }
}

/** Facts that a field may take its choices from, and the command that reads each. */
const facts: Readonly<Record<string, ShellAction>> = {
  services: sh`systemctl list-unit-files --type=service --no-legend --no-pager | awk '{ sub(/\.service$/, "", $1); print $1 }'`,
  users: sh`getent passwd | cut -d: -f1`,
  packages: sh`if command -v dpkg-query >/dev/null 2>&1; then dpkg-query -W -f '\${Package}\n'; else rpm -qa --qf '%{NAME}\n'; fi`,
  mounts: sh`df -P | awk 'NR > 1 { print $6 }'`,
  interfaces: sh`ls /sys/class/net`,
  os: sh`. /etc/os-release; echo "$ID"`,
}

export const choicesHandler = ({ modules, select, askHost, projects }: ChoicesDeps): Handler =>
  handle(moduleRoutes.choices, async ({ actor, params, body }) => {
    const entry = await modules.find(params.name)
    if (!entry) throw new Problem('MODULE_UNKNOWN', { module: params.name })
    const field = entry.fields.find((one) => one.name === body.field)
    const from = field?.choicesFrom
    if (!field || !from) throw new Problem('FIELD_UNKNOWN', { field: body.field })
    if (from.from === 'projects') return { choices: choicesOf(await projects.names()) }
    if (from.from === 'playbooks') {
      const project = body.params?.[from.project]
      if (typeof project !== 'string' || project === '') return { choices: [] }
      return { choices: choicesOf((await projects.show(project)).playbooks) }
    }
    const { selector = '' } = body
    const { hosts } = await select(selector)
    const [host] = hosts
    if (!host) throw new Problem('SELECTOR_EMPTY', { selector })
    if (from.from === 'label')
      return { choices: choicesOf(hosts.map((one) => one.labels[from.label] ?? '')) }
    const action = from.from === 'fact' ? factOf(field.name, from.fact) : sh`${raw(from.command)}`
    const output = await askHost(actor, { module: entry.name, field: field.name, host, action })
    return { choices: choicesOf(output.split('\n')) }
  })

const factOf = (field: string, fact: string): ShellAction => {
  const known = Object.keys(facts).join(', ')
  const action = Object.hasOwn(facts, fact) ? facts[fact] : undefined
  if (action) return action
  const message = `there is no fact "${fact}"; there are: ${known}`
  throw new Problem('CHOICES_FAILED', { field, message })
}

const choicesOf = (values: readonly string[]) =>
  [...new Set(values.map((value) => value.trim()))]
    .filter((value) => value !== '')
    .sort()
    .slice(0, MAX_CHOICES)
    .map((value) => ({ value, title: value }))
