// The hosts of a play as Ansible reads them.

import type { TargetHost } from '@omserver/core'
import { Template, unsafeYaml, type YamlValue } from './unsafe-yaml.ts'

/** What of a host's name would be a pattern, a range or an option to Ansible. */
const patternSigns = /[[\]{}:,;*?!&~()|<>#%'"`$\\/\s]|^[-@=.]/u

/** Why a host cannot stand in an inventory under its name; undefined: it can. */
export const nameProblem = (name: string): string | undefined => {
  const sign = patternSigns.exec(name)?.[0]
  if (sign === undefined) return undefined
  return `Ansible would read "${sign}" in the name of the host as part of a pattern: rename the host to run playbooks on it`
}

export interface InventoryHost {
  /** As Ansible calls it. */
  readonly name: string
  readonly host: TargetHost
  readonly user?: string
  /** Whole, for ssh. */
  readonly sshArgs?: string
}

export interface Become {
  readonly user: string
  readonly method: 'sudo' | 'su'
  readonly password?: string
}

const LABEL = 'host.labels.'

const labelsOf = ({ vars }: TargetHost): Record<string, string> =>
  Object.fromEntries(
    Object.entries(vars).flatMap(([name, value]) =>
      name.startsWith(LABEL) ? [[name.slice(LABEL.length), value]] : [],
    ),
  )

const groupName = (label: string, value: string): string =>
  `${label}_${value}`.replace(/[^\p{L}\p{N}_]/gu, '_').replace(/^(?=\p{N})/u, '_')

const connectionOf = (one: InventoryHost): Record<string, YamlValue> => {
  if (one.host.isController) {
    return {
      ansible_connection: 'local',
      ansible_python_interpreter: new Template('{{ ansible_playbook_python }}'),
    }
  }
  const { address, port } = one.host.access
  return {
    ansible_connection: 'ssh',
    ansible_host: address,
    ansible_port: port,
    ansible_ssh_args: one.sshArgs ?? '',
    ...(one.user === undefined ? {} : { ansible_user: one.user }),
  }
}

const becomeOf = (become: Become | undefined): Record<string, YamlValue> =>
  become === undefined
    ? {}
    : {
        ansible_become: true,
        ansible_become_method: become.method,
        ansible_become_user: become.user,
        ...(become.password === undefined ? {} : { ansible_become_password: become.password }),
      }

/**
 * A group for each label and value, such as `app_nginx`, and `om_labels` of each host. `become`: of commands; a
 * playbook is told so on its command line, where its own words on it go before.
 */
export const inventoryOf = (
  hosts: readonly InventoryHost[],
  become?: Become,
  more: Readonly<Record<string, YamlValue>> = {},
): string => {
  const groups = new Map<string, Set<string>>()
  for (const { name, host } of hosts) {
    for (const [label, value] of Object.entries(labelsOf(host))) {
      const group = groupName(label, value)
      // Ansible would take a group for a host of the same name, and warn.
      if (hosts.some((one) => one.name === group)) continue
      const members = groups.get(group) ?? new Set()
      groups.set(group, members.add(name))
    }
  }
  const own = hosts.map((one): [string, YamlValue] => [
    one.name,
    { ...connectionOf(one), om_labels: labelsOf(one.host) },
  ])
  return unsafeYaml({
    all: {
      vars: { ...becomeOf(become), ...more },
      hosts: Object.fromEntries(own),
      children: Object.fromEntries(
        [...groups].map(([group, members]) => [
          group,
          { hosts: Object.fromEntries([...members].map((name) => [name, {}])) },
        ]),
      ),
    },
  })
}
