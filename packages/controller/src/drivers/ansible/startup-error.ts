// Why Ansible ended before it had anything to say of a host: one sentence, out of what it printed.

import { stripTerminal } from '@omserver/core'
import type { Ended } from './launcher.ts'

const MESSAGE_CHARACTERS = 500

/** What it says when something of ours or of the project is wrong, and what to do. */
const known: readonly (readonly [RegExp, string])[] = [
  [
    /decrypt|no vault secrets (were )?found|vault password/i,
    'something in the project is encrypted, and the vault password does not open it or was not given',
  ],
  [
    /specified hosts and\/or --limit does not match any hosts|no hosts matched/i,
    'the playbook names none of the chosen hosts (hosts: and limit)',
  ],
  [/non-blocking/i, 'Ansible found its streams in a state it cannot work with'],
]

const isNoise = (line: string): boolean =>
  line === '' || /^(PLAY|TASK|\[?WARNING|\[DEPRECATION|\[?INFO)/.test(line) || /^\*+$/.test(line)

/** What a line of an error begins with: `ERROR!` up to 2.18, `[ERROR]:` since. */
const errorSign = /^(?:ERROR!|\[ERROR\]:|ERROR:|fatal:)\s*/

export const startupError = ({ code, out, err }: Ended): string => {
  const lines = stripTerminal(`${err}\n${out}`)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => !isNoise(line))
  const from = lines.findIndex((line) => errorSign.test(line))
  const said = (from < 0 ? lines.slice(-3) : lines.slice(from, from + 12))
    .map((line) => line.replace(errorSign, ''))
    .filter((line) => !/^\^( here)?$/.test(line))
    .join(' ')
  const hint = known.find(([sign]) => sign.test(`${err}\n${out}`))?.[1]
  const text = said || `ansible-playbook ended with code ${code} and said nothing`
  return (hint === undefined ? text : `${hint}: ${text}`).slice(0, MESSAGE_CHARACTERS)
}
