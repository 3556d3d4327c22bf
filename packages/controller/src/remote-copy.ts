// Puts one file in place on a host: the sh text that does it, and what its exit code means.

import { type HostEnd, quote } from '@omserver/core'

export interface CopyRequest {
  readonly dest: string
  /** Hex, of the content that arrives on standard input. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** Octal text such as `0644`. */
  readonly mode?: string
  /** `user`, `user:group` or `:group`. */
  readonly owner?: string
  readonly backup?: boolean
}

const CHANGED = 10
const UNCHANGED = 11
const FAILED = 12

/**
 * POSIX sh text that reads the content from standard input. It needs cat, cmp or sha256sum, mktemp, mv, chmod and wc:
 * what busybox, Debian and RHEL all have. The file is replaced by a rename within its folder, so that a reader
 * sees the old one or the new one; a symbolic link is followed, not replaced; content that arrives incomplete
 * changes nothing.
 */
export const copyProgram = (copy: CopyRequest): string =>
  [
    `d=${quote(copy.dest)}`,
    `m=${quote(copy.mode ?? '')}`,
    `o=${quote(copy.owner ?? '')}`,
    `size=${copy.size} sum=${copy.sha256} backup=${copy.backup === true ? 1 : ''}`,
    body,
  ].join('\n')

const body = `
LC_ALL=C; export LC_ALL
t=
fail() { echo "copy: $1" >&2; [ -z "$t" ] || rm -f -- "$t"; exit ${FAILED}; }
trap 'fail interrupted' HUP INT TERM
n=
while [ -L "$d" ]; do
  l=$(readlink -- "$d") || fail "cannot read the link $d"
  case $l in /*) d=$l ;; *) d=$(dirname -- "$d")/$l ;; esac
  n=\${n}x; [ \${#n} -lt 40 ] || fail "too many links at $d"
done
[ ! -d "$d" ] || fail "$d is a folder; name the file in it"
[ ! -e "$d" ] || [ -f "$d" ] || fail "$d is not a regular file"
p=$(dirname -- "$d")
[ -d "$p" ] || fail "the folder $p does not exist"
umask 077
t=$(mktemp "$p/.om-copy.XXXXXXXX" 2>/dev/null) || { t=; fail "cannot write into $p as $(id -un)"; }
cat >"$t" || fail "cannot write $t"
[ "$(wc -c <"$t")" -eq "$size" ] || fail "the content arrived incomplete"
if command -v sha256sum >/dev/null 2>&1; then
  s=$(sha256sum <"$t"); [ "\${s%% *}" = "$sum" ] || fail "the content arrived damaged"
fi
same=
if [ -f "$d" ]; then
  if command -v cmp >/dev/null 2>&1; then ! cmp -s -- "$t" "$d" || same=1
  else s=$(sha256sum <"$d"); [ "\${s%% *}" != "$sum" ] || same=1; fi
fi
was=$(stat -c '%a %u:%g %U:%G' -- "$d" 2>/dev/null) || was=
[ -n "$m" ] || m=\${was%% *}
[ -n "$m" ] || m=644
while :; do case $m in 0?*) m=\${m#0} ;; *) break ;; esac; done
ids=\${was#* }; names=\${ids#* }; ids=\${ids%% *}
kept=
case $o in
  '') kept=1 ;;
  *:*) case $o in :*) [ "\${ids#*:}" != "\${o#:}" ] && [ "\${names#*:}" != "\${o#:}" ] || kept=1 ;;
       *) [ "$ids" != "$o" ] && [ "$names" != "$o" ] || kept=1 ;; esac ;;
  *) [ "\${ids%%:*}" != "$o" ] && [ "\${names%%:*}" != "$o" ] || kept=1 ;;
esac
if [ -n "$same" ] && [ "$m" = "\${was%% *}" ] && [ -n "$kept" ]; then rm -f -- "$t"; exit ${UNCHANGED}; fi
if [ -n "$same" ]; then
  rm -f -- "$t"; t=
  [ -n "$kept" ] || chown -- "$o" "$d" || fail "cannot give $d to $o"
  chmod -- "$m" "$d" || fail "cannot set the mode of $d"
  exit ${CHANGED}
fi
if [ -n "$was" ]; then chown -- "$ids" "$t" 2>/dev/null || chown -- ":\${ids#*:}" "$t" 2>/dev/null || :; fi
[ -z "$o" ] || chown -- "$o" "$t" || fail "cannot give $d to $o"
chmod -- "$m" "$t" || fail "cannot set the mode of $d"
if [ -n "$was" ] && command -v chcon >/dev/null 2>&1; then chcon --reference="$d" -- "$t" 2>/dev/null || :; fi
if [ -n "$backup" ] && [ -n "$was" ]; then
  cp -p -- "$d" "$d.$(date +%Y%m%d%H%M%S)~" || fail "cannot keep the old $d"
fi
mv -f -- "$t" "$d" || fail "cannot replace $d"
t=
if [ -z "$was" ] && command -v restorecon >/dev/null 2>&1; then restorecon -- "$d" 2>/dev/null || :; fi
exit ${CHANGED}`.trimStart()

/** The end of the host, from the exit code of `copyProgram` and the last line it said on stderr. */
export const copyEnd = (exit: number, lastWords: string | undefined): HostEnd => {
  if (exit === CHANGED || exit === UNCHANGED) {
    return { state: 'ok', exit: 0, changed: exit === CHANGED }
  }
  return {
    state: 'failed',
    reason: 'copyFailed',
    message: lastWords ?? `the copy ended with exit code ${exit}`,
  }
}
