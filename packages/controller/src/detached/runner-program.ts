// The sh text that stays with a detached command on its host: keeps its output within bounds, and writes down its end.

import { TASK_VARIABLE } from '../host-program.ts'
import { napping, SPOOL_HEAD_BYTES, SPOOL_TAIL_BYTES } from './spool.ts'

/**
 * Run by `/bin/sh -c` with the spool, its key, the umask of the login, and `1` if there is input to read. It leads the
 * session, so that everything below it can be found and ended. Writes into the spool:
 *
 *   pid                         its number, seconds since boot, the boot's id
 *   out err                     the beginning of each stream
 *   out.tail err.tail           its end, if it was longer
 *   order                       lines in the order in which things came, which is the same for whoever reads them:
 *                               `o N` `e N` (so many more bytes of out, err), `m N` (not kept), `O N` `E N` (the tails),
 *                               `x EXIT BEGAN ENDED`
 *
 * `room` is space for that end, given back when it is written, so that a full disk does not hold it up.
 *
 * A line of `order` begins with a line break and ends with ` ;`: what a full disk cut off is seen not to be one.
 *
 * The beginning is copied byte by byte because dd then takes exactly so many, on every system; what follows passes
 * through tail, which holds its bytes in memory until the end. A disk that is full loses output and not the command.
 * TERM is for the command: those who write down what it says last must survive it.
 */
export const runnerProgram = `
s=$1; ${TASK_VARIABLE}=$2.$$; export ${TASK_VARIABLE}
${napping}
short() { ( trap - TERM; nap "$1" ); }
up() { t=0; read -r t _ </proc/uptime 2>/dev/null; }
keep() {
  q=; d=
  trap 'q=1; kill -KILL $d 2>/dev/null' USR1
  exec 3<"$s/$1"
  dd bs=1 count=${SPOOL_HEAD_BYTES} <&3 >"$s/$2" 2>/dev/null & d=$!
  wait $d; wait $d 2>/dev/null
  [ -z "$q" ] || exec 3</dev/null
  wc -c <"$s/$1n" >"$s/$2.more" 2>/dev/null &
  tail -c ${SPOOL_TAIL_BYTES} <"$s/$1t" >"$s/$2.tail" 2>/dev/null &
  tee "$s/$1n" <&3 >"$s/$1t" 2>/dev/null & d=$!
  exec 3<&-
  wait; wait
  : >"$s/$1.done"
}
trap '' TERM
up; began=$t
started() {
  printf '%s %s %s\\n' $$ "$began" "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" >"$s/pid.new" &&
  echo >>"$s/order" && mv "$s/pid.new" "$s/pid"
}
started 2>/dev/null || exit 1
( keep o out ) & ko=$!
( keep e err ) & ke=$!
(
  if [ "$4" = 1 ]; then exec <"$s/in"; else exec </dev/null; fi
  rm -f "$s/in"
  ( trap - TERM; umask "$3"; exec /bin/sh "$s/prog" ) >"$s/o" 2>"$s/e"
  c=$?
  up
  rm -f "$s/room"
  until printf '%s %s\\n' $c "$t" >"$s/rc.new" && mv "$s/rc.new" "$s/rc"; do [ -d "$s" ] || exit 1; short 5; done 2>/dev/null
) &
mark() { printf '\\n%s ;\\n' "$1" 2>/dev/null >>"$s/order"; }
sure() { until mark "$1"; do [ -d "$s" ] || exit 1; short 5; done; }
size() { n=$(wc -c 2>/dev/null <"$1"); n=$((n)); }
po=0; pe=0
look() {
  size "$s/out"; if [ $n -gt $po ] && mark "o $((n-po))"; then po=$n; fi
  size "$s/err"; if [ $n -gt $pe ] && mark "e $((n-pe))"; then pe=$n; fi
}
i=0
while [ ! -f "$s/rc" ]; do
  # Somebody has taken the spool away: there is nothing to write to.
  [ -d "$s" ] || exit 1
  look
  i=$((i+1))
  if [ $i -lt 20 ]; then short 0.1; elif [ $i -lt 50 ]; then short 0.3; else short 1; fi
done
i=0
# What the command left behind may hold its streams open: it is heard for two seconds more.
while [ ! -f "$s/o.done" ] || [ ! -f "$s/e.done" ]; do
  i=$((i+1))
  [ $i -ne 20 ] || kill -USR1 $ko $ke 2>/dev/null
  [ $i -lt 60 ] || break
  short 0.1
done
look
rest() {
  m=0; read -r m 2>/dev/null <"$s/$1.more"; m=$((m))
  size "$s/$1.tail"
  [ $m -le $n ] || sure "m $((m-n))"
  [ $n -eq 0 ] || sure "$2 $n"
}
rest out O
rest err E
c=; t=
read -r c t <"$s/rc"
sure "x $c $began $t"
`
