// What the texts for a host's spool folder share: where it is, whose it is, and whether its command still runs.

import { createHash } from 'node:crypto'
import { quote } from '@omserver/core'
import { TERMINAL_READER } from '../run-as.ts'

export interface Spool {
  /** Names one host in one attempt of a run: 32 hex digits. Also what its processes are found by (OM_TASK). */
  readonly key: string
  /** The folder that spools are kept in; see DEFAULT_SPOOLS. */
  readonly spools: string
}

/**
 * Survives a reboot, and is not taken away when the last login of the account ends, as $XDG_RUNTIME_DIR is. Anyone may
 * create files in it: see `openFolder`.
 */
export const DEFAULT_SPOOLS = '/var/tmp'

export const spoolKey = (runId: string, hostId: string, attempt: number): string =>
  createHash('sha256').update(`${runId}\0${hostId}\0${attempt}`).digest('hex').slice(0, 32)

/** Of each stream, on the host's disk: its beginning, and its end where there is more. */
export const SPOOL_HEAD_BYTES = 512 * 1024
export const SPOOL_TAIL_BYTES = 512 * 1024

/** Spools that nobody cleaned go with the next command on their host. No run lives longer than a week. */
const OLD_DAYS = 8

/**
 * Defines `b` (the account's folder), `s` (the spool) and `say`. A login shell may print whatever it likes before us:
 * the first word of ours is a token.
 */
export const spoolHead = ({ key, spools }: Spool, token: string): string =>
  `b=${quote(spools)}/omserver-$(id -u); s=$b/${key}
say() { printf 'om-%s %s\\n' ${token} "$1"; }`

/**
 * Makes the account's folder, or ends with `no <why>` when what stands there is not a folder of this account alone:
 * in a place where everybody may write, somebody may have been there first.
 */
export const openFolder = `mkdir -m 700 "$b" 2>/dev/null
set -- $(ls -ldn "$b" 2>/dev/null)
case $1 in d*) ;; l*) say 'no link'; exit 0 ;; '') say 'no make'; exit 0 ;; *) say 'no kind'; exit 0 ;; esac
[ "$3" = "$(id -u)" ] || { say 'no owner'; exit 0; }
case $1 in drwx------*) ;; *) chmod 700 "$b" || { say 'no owner'; exit 0; } ;; esac`

/** `alive FOLDER`: the number of a process may be another's by now, its command line is not. */
export const isAlive = `alive() {
  q=; read -r q _ 2>/dev/null <"$1/pid" || return 1
  kill -0 "$q" 2>/dev/null && grep -q "\${1##*/}" "/proc/$q/cmdline" 2>/dev/null
}`

export const removeOld = `for d in $(find "$b"/[0-9a-f]* -prune -type d -mtime +${OLD_DAYS} 2>/dev/null); do
  alive "$d" || rm -rf -- "$d"
done`

/** `nap SECONDS`: not every sleep knows fractions. */
export const napping = `nap() { sleep "$1" 2>/dev/null || sleep 1; }`

/** What reaches standard input, written to a file. */
export const receive = (terminal: boolean): string =>
  terminal ? `${TERMINAL_READER}; om_in` : 'cat'
