// The sh text that ends everything a program started on a host, and tells the truth about what is left.

import type { LeftRunning } from '@omserver/core'
import { TASK_VARIABLE } from './host-program.ts'

/**
 * POSIX sh text. Finds the program by OM_TASK in /proc/<pid>/environ, or in its command line, takes its session and the processes below
 * it, sends TERM, then KILL after about half a second, and prints `om-left <n>` or `om-none` (nothing found).
 * The session counts only when the program or the sudo before it leads it: a session of the ssh server is not ours.
 * Must run as the account that the program runs as. What the program detached into a session of its own
 * (a daemon it started) is left alone, because a service restart must not be undone by stopping the run.
 */
export const stopProgram = (task: string): string => `
find_pids() {
  f=$(grep -l '${TASK_VARIABLE}=${task}\\.' /proc/[0-9]*/environ 2>/dev/null)
  for e in $f; do
    v=$(tr '\\000' '\\n' <"$e" 2>/dev/null | sed -n 's/^${TASK_VARIABLE}=${task}\\.//p')
    case $v in ''|*[!0-9]*) ;; *) leader=$v; return 0 ;; esac
  done
  # A program that has started no other: its own environment was made before it named itself.
  found=' '
  for e in $(grep -l '${TASK_VARIABLE}=${task}[.][$]' /proc/[0-9]*/cmdline 2>/dev/null); do
    p=\${e#/proc/}; p=\${p%/cmdline}
    case $(cat "/proc/$p/comm" 2>/dev/null) in sudo|su|ssh|'') ;; *) found="$found$p " ;; esac
  done
  for p in $found; do
    pp=$(sed 's/^.*) [A-Za-z] \\([0-9]*\\) .*/\\1/' "/proc/$p/stat" 2>/dev/null)
    case $found in *" $pp "*) ;; *) leader=$p; return 0 ;; esac
  done
}
stats() { cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\\([0-9]*\\) (.*) \\([A-Za-z]\\) \\([0-9]*\\) \\([0-9]*\\) \\([0-9]*\\) .*/\\1 \\2 \\3 \\5/p'; }
members() {
  stats | { pids=" $leader $seen "; all=
    while read -r p st pp s; do
      [ "$st" = Z ] && continue
      [ "$p" = "$$" ] && continue
      all="$all$p $pp
"
      [ "$s" = "$session" ] && pids="$pids$p "
    done
    more=1
    while [ -n "$more" ]; do more=
      while read -r p pp; do
        [ -n "$p" ] || continue
        case $pids in *" $p "*) continue ;; esac
        case $pids in *" $pp "*) pids="$pids$p "; more=1 ;; esac
      done <<END
$all
END
    done
    alive=
    for p in $pids; do case "$alive " in *" $p "*) continue ;; esac; case "
$all" in *"
$p "*) alive="$alive $p" ;; esac; done
    echo $alive; }
}
leader=; i=0
while [ -z "$leader" ] && [ $i -lt 5 ]; do
  find_pids; i=$((i+1))
  [ -n "$leader" ] || sleep 0.1 2>/dev/null || sleep 1
done
[ -n "$leader" ] || { echo om-none; exit 0; }
session=$(sed 's/^.*) [A-Za-z] [0-9]* [0-9]* \\([0-9]*\\) .*/\\1/' "/proc/$leader/stat" 2>/dev/null)
[ -n "$session" ] || session=$leader
if [ "$session" != "$leader" ] && [ "$(cat "/proc/$session/comm" 2>/dev/null)" != sudo ]; then session=none; fi
# What outlives its parent hangs below nothing of ours: once seen, a process is looked for by its own number.
seen=
pids=$(members)
seen=$pids
[ -z "$pids" ] || kill -TERM $pids 2>/dev/null
[ -z "$pids" ] || kill -CONT $pids 2>/dev/null
i=0
while pids=$(members); seen=$pids; [ -n "$pids" ] && [ $i -lt 5 ]; do i=$((i+1)); sleep 0.1 2>/dev/null || sleep 1; done
i=0
while [ -n "$pids" ] && [ $i -lt 4 ]; do
  kill -KILL $pids 2>/dev/null; sleep 0.05 2>/dev/null || sleep 1
  # A loop in the program may have started one more between our look and its death.
  pids=$(members); seen=$pids; i=$((i+1))
done
set -- $pids
echo om-left $#`

/** Reads what `stopProgram` printed. `none`: the program was not found: it has ended, or not begun. */
export const readStop = (output: string): LeftRunning | 'none' => {
  const said = /om-(none|left (\d+))/.exec(output)
  if (said === null) return 'unknown'
  if (said[1] === 'none') return 'none'
  return said[2] === '0' ? 'no' : 'yes'
}
