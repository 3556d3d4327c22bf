// The sh texts that are sent to a host for a detached command: begin it, attach to it, fence and end it, clean up.

import { quote } from '@omserver/core'
import { stopProgram } from '../stop-program.ts'
import { runnerProgram } from './runner-program.ts'
import { isAlive, napping, openFolder, receive, removeOld, type Spool, spoolHead } from './spool.ts'

/**
 * Reads `programBytes` of sh text and then what that text reads, and starts it. All or nothing: a transfer that was cut
 * starts nothing. The folder is made by mkdir, which succeeds once: the same attempt cannot start twice.
 *
 * Says `ok`, `again` (somebody has begun it), or `no <why>`: nothing was started then.
 */
export const beginProgram = (
  spool: Spool,
  options: {
    readonly token: string
    readonly programBytes: number
    readonly totalBytes: number
    readonly hasInput: boolean
    /** Standard input comes as lines of `encodeForTerminal`. */
    readonly terminal: boolean
  },
): string => {
  const { token, programBytes, totalBytes, hasInput, terminal } = options
  return `${spoolHead(spool, token)}
u=$(umask); umask 077
${openFolder}
${isAlive}
${napping}
${removeOld}
mkdir "$s" 2>/dev/null || { if [ -d "$s" ]; then say again; else say 'no make'; fi; exit 0; }
no() { rm -rf -- "$s"; say "no $1"; exit 0; }
${receive(terminal)} >"$s/all" || no space
[ "$(($(wc -c <"$s/all")))" -eq ${totalBytes} ] || no cut
head -c ${programBytes} "$s/all" >"$s/prog" && tail -c +${programBytes + 1} "$s/all" >"$s/in" && rm "$s/all" &&
dd if=/dev/zero of="$s/room" bs=4096 count=8 2>/dev/null || no space
mkfifo "$s/o" "$s/e" "$s/on" "$s/en" "$s/ot" "$s/et" || no fifo
mkdir "$s/go" 2>/dev/null || { say again; exit 0; }
if command -v setsid >/dev/null 2>&1; then set -- setsid; else set --; trap '' HUP; fi
"$@" /bin/sh -c ${quote(runnerProgram)} om-detached "$s" ${spool.key} "$u" ${hasInput ? 1 : 0} </dev/null >/dev/null 2>&1 &
i=0
while [ ! -f "$s/pid" ] && [ $i -lt 50 ]; do i=$((i+1)); nap 0.1; done
say ok`
}

/** Nobody has begun it, and after this nobody can: the folder, or the right to start, is taken. */
const fence = `fence() {
  if mkdir "$s" 2>/dev/null; then mkdir "$s/go"; elif [ -f "$s/never" ]; then return 0; else mkdir "$s/go" 2>/dev/null || return 1; fi
  : >"$s/never"
}`

const AFTERWARDS_BYTES = 512 * 1024

/** How far an earlier attachment has read. */
export interface SpoolPosition {
  /** Lines of `order`. */
  readonly lines: number
  readonly stdout: number
  readonly stderr: number
}

export const spoolBeginning: SpoolPosition = { lines: 0, stdout: 0, stderr: 0 }

/**
 * Says `here`, `never` (it was not begun, and cannot be any more) or `no <why>`. After `here` come frames, until the
 * end: `t BEGAN NOW` seconds since boot, `o N LINES` and N bytes (likewise `e O E`), `m N LINES`, `b` for "still here",
 * and at last `x EXIT BEGAN ENDED`, or `g none|left|reboot` when what should have written the end is gone.
 *
 * Ends by itself soon after its reader has gone: it writes at least every five seconds.
 *
 * `afterwards`: it is read when it has ended. So it ends after eight seconds, or a second if there is something to tell,
 * or with half a MiB and what came with it; and the command may go on.
 */
export const attachProgram = (
  spool: Spool,
  token: string,
  from: SpoolPosition,
  afterwards = false,
): string =>
  `${spoolHead(spool, token)}
LC_ALL=C; export LC_ALL
umask 077
${openFolder}
${isAlive}
${napping}
${fence}
if [ ! -d "$s" ] && fence; then say never; exit 0; fi
[ -d "$s" ] || { say 'no make'; exit 0; }
i=0
while [ ! -f "$s/pid" ]; do
  if [ -f "$s/never" ]; then say never; exit 0; fi
  i=$((i+1))
  if [ $i -eq 50 ] && fence; then say never; exit 0; fi
  if [ $i -ge 100 ]; then say here; echo 'g none'; exit 0; fi
  nap 0.2
done
say here
read -r p t0 boot <"$s/pid"
read -r now _ </proc/uptime
same=1; [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ] || same=
[ -z "$same" ] || echo "t $t0 $now"
k=0; po=${from.stdout}; pe=${from.stderr}
exec 4<"$s/order"
while [ $k -lt ${from.lines} ] && read -r a <&4; do k=$((k+1)); done
w=0
part() { echo "$1 $2 $k"; tail -c +$(($3+1)) "$s/$4" | head -c "$2"; w=$((w+$2))${afterwards ? `; [ $w -lt ${AFTERWARDS_BYTES} ] || exit 0` : ''}; }
drain() {
  while read -r a n x y z <&4; do
    k=$((k+1))
    case $a$x in
      'o;') part o "$n" $po out; po=$((po+n)) ;;
      'e;') part e "$n" $pe err; pe=$((pe+n)) ;;
      'O;') part O "$n" 0 out.tail ;;
      'E;') part E "$n" 0 err.tail ;;
      'm;') echo "m $n $k" ;;
      x*) if [ "$z" = ';' ]; then echo "x $n $x $y"; exit 0; fi ;;
    esac
  done
}
i=0
while :; do
  drain
  if [ -z "$same" ]; then echo 'g reboot'; exit 0; fi
  if ! alive "$s"; then
    drain
    # Processes that end meanwhile are errors to grep: only what it prints counts.
    if [ -n "$(grep -l 'OM_TASK=${spool.key}' /proc/[0-9]*/environ 2>/dev/null)" ]; then echo 'g left'; else echo 'g none'; fi
    exit 0
  fi
  i=$((i+1))
  ${afterwards ? '[ $i -lt 40 ] && { [ $w -eq 0 ] || [ $i -lt 10 ]; } || exit 0' : '[ $((i%5)) -ne 0 ] || echo b || exit 0'}
  if [ $i -lt 20 ]; then nap 0.1; elif [ $i -lt 40 ]; then nap 0.3; else nap 1; fi
done`

/** Prints what `stopProgram` prints. What had not begun is kept from beginning. */
export const endProgram = (spool: Spool): string =>
  `${spoolHead(spool, 'x')}
umask 077
${fence}
f=$(
${openFolder}
if [ ! -f "$s/pid" ] && fence 2>/dev/null; then echo fenced; fi
)
if [ "$f" = fenced ]; then echo om-left 0; exit 0; fi
${stopProgram(spool.key)}`

/**
 * Says `clean`, `busy` (it still runs) or `no <why>`. A spool that stands for "never" stays: what was to begin there may
 * still be on its way. It goes when it is old.
 */
export const cleanProgram = (spool: Spool, token: string): string =>
  `${spoolHead(spool, token)}
${openFolder}
${isAlive}
${napping}
i=0
while alive "$s" && [ $i -lt 20 ]; do i=$((i+1)); nap 0.1; done
if alive "$s"; then say busy; exit 0; fi
[ -f "$s/never" ] || rm -rf -- "$s"
say clean`
