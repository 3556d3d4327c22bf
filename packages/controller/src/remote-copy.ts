// Puts a file, or the files of a folder, in place on a host: the sh text that does it, and what its exit code means.

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
  /**
   * The program first says on a line of its own on standard output which part it needs: this word and the number of the
   * first byte, or `none`. Absent: it is given all of it.
   */
  readonly asks?: string
  /** The content is a tar archive; see `asks`, which it needs. */
  readonly folder?: boolean
  /** Says what would change, and changes nothing. */
  readonly compare?: boolean
}

const CHANGED = 10
const UNCHANGED = 11
const FAILED = 12
const COMPARED = 13

/**
 * POSIX sh text that reads the content from standard input. It needs cat, cmp or sha256sum, mktemp, mv, chmod and wc:
 * what busybox, Debian and RHEL all have. The file is replaced by a rename within its folder, so that a reader
 * sees the old one or the new one; a symbolic link is followed, not replaced; content that arrives incomplete
 * changes nothing. What was cut off after the program had asked for it lies beside the file, under a name that the
 * next copy of the same content goes on with.
 */
export const copyProgram = (copy: CopyRequest): string =>
  [
    `d=${quote(copy.dest)}`,
    `m=${quote(copy.mode ?? '')}`,
    `o=${quote(copy.owner ?? '')}`,
    `size=${copy.size} sum=${copy.sha256} asks=${copy.asks ?? ''} backup=${copy.backup === true ? 1 : ''}`,
    begin,
    ...partsOf(copy),
  ].join('\n')

const partsOf = (copy: CopyRequest): readonly string[] => {
  if (copy.folder) return [folder]
  if (copy.compare) return [target, copy.asks ? sameBySum : receiveAside, owned, compare]
  return [target, copy.asks ? receiveRest : receive, owned, place]
}

const begin = `
LC_ALL=C; export LC_ALL
t=
fail() { echo "copy: $1" >&2; [ -z "$t" ] || rm -rf -- "$t"; exit ${FAILED}; }
trap 'fail interrupted' HUP INT TERM
n=
while [ -L "$d" ]; do
  l=$(readlink -- "$d") || fail "cannot read the link $d"
  case $l in /*) d=$l ;; *) d=$(dirname -- "$d")/$l ;; esac
  n=\${n}x; [ \${#n} -lt 40 ] || fail "too many links at $d"
done
p=$(dirname -- "$d")
why() {
  case $1 in
    *'Read-only file system'*) fail "$2 is on a read-only file system" ;;
    *'No space left'* | *'Disk quota'*) fail "no space is left for $d" ;;
  esac
}
barred() { t=; why "$1" "$p"; fail "cannot write into $p as $(id -un)"; }
unwritten() { why "$1" "$d"; fail "cannot write $t"; }`.trimStart()

const target = `
[ ! -d "$d" ] || fail "$d is a folder; name the file in it"
[ ! -e "$d" ] || [ -f "$d" ] || fail "$d is not a regular file"
[ -d "$p" ] || fail "the folder $p does not exist"
umask 077`.trimStart()

const whole = `
[ "$(wc -c <"$t")" -eq "$size" ] || fail "the content arrived incomplete"
if command -v sha256sum >/dev/null 2>&1; then
  s=$(sha256sum <"$t"); [ "\${s%% *}" = "$sum" ] || fail "the content arrived damaged"
fi`

const sameByContent = `
same=
if [ -f "$d" ]; then
  if command -v cmp >/dev/null 2>&1; then ! cmp -s -- "$t" "$d" || same=1
  else s=$(sha256sum <"$d"); [ "\${s%% *}" != "$sum" ] || same=1; fi
fi`

const receive = `
e=$(mktemp "$p/.om-copy.XXXXXXXX" 2>&1) || barred "$e"
t=$e
e=$(cat 2>&1 >"$t") || unwritten "$e"${whole}${sameByContent}`.trimStart()

const sameBySum = `
same=
if [ -f "$d" ] && [ "$(wc -c <"$d")" -eq "$size" ] && command -v sha256sum >/dev/null 2>&1; then
  s=$(sha256sum <"$d") || s=
  [ "\${s%% *}" != "$sum" ] || same=1
fi
[ -z "$same" ] || echo "$asks none"`.trimStart()

// A folder of /proc names a process that still writes: its part is not ours. Only what we own ourselves is gone on with.
const receiveRest = `${sameBySum}
if [ -z "$same" ]; then
  k="$p/.om-copy.$(echo "$sum" | cut -c 1-16)"
  t=$k.$$
  for f in "$k".*; do
    [ -f "$f" ] && [ ! -L "$f" ] && [ -O "$f" ] && [ ! -d "/proc/\${f##*.}" ] || continue
    mv -f -- "$f" "$t" && break
  done
  [ -f "$t" ] || e=$( (set -C; : >"$t") 2>&1 ) || barred "$e"
  [ -f "$t" ] && [ ! -L "$t" ] && [ -O "$t" ] || barred ''
  at=$(wc -c <"$t")
  [ "$at" -le "$size" ] || { : >"$t"; at=0; }
  trap 't=; fail interrupted' HUP
  echo "$asks" $at
  e=$(cat 2>&1 >>"$t") || unwritten "$e"
  [ "$(wc -c <"$t")" -ge "$size" ] || { t=; fail "the content arrived incomplete"; }
  trap 'fail interrupted' HUP${whole.replaceAll('\n', '\n  ')}
fi`

const owned = `
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
esac`.trimStart()

const place = `
if [ -n "$same" ]; then
  [ -z "$t" ] || rm -f -- "$t"
  t=
  if [ "$m" = "\${was%% *}" ] && [ -n "$kept" ]; then exit ${UNCHANGED}; fi
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

const receiveAside = `
e=$(mktemp "\${TMPDIR:-/tmp}/om-copy.XXXXXXXX" 2>&1) || { t=; fail "there is no room to compare the content: $e"; }
t=$e
e=$(cat 2>&1 >"$t") || unwritten "$e"${whole}${sameByContent}`.trimStart()

const compare = `
[ -z "$asks" ] || [ -n "$same" ] || echo "$asks none"
what=
if [ -z "$was" ]; then what=', new file'
else
  [ -n "$same" ] || what=', content'
  [ "$m" = "\${was%% *}" ] || what="$what, mode \${was%% *} to $m"
  [ -n "$kept" ] || what="$what, owner $names to $o"
fi
if [ -z "$what" ]; then echo identical; else echo "would change:\${what#,}"; fi
if [ -z "$same" ] && [ -n "$t" ] && command -v diff >/dev/null 2>&1; then
  old=$d; [ -n "$was" ] || old=/dev/null
  diff -u -- "$old" "$t" 2>&1 | sed "1s|^--- .*|--- $(echo "$d" | sed 's/[&|\\\\]/\\\\&/g')|; 2s|^+++ .*|+++ new|"
fi
[ -z "$t" ] || rm -f -- "$t"
exit ${COMPARED}`.trimStart()

// Everything is unpacked beside what is there, and then put in place file by file. What is not in the archive stays.
const folder = `
[ ! -e "$d" ] || [ -d "$d" ] || fail "$d is not a folder"
[ -d "$p" ] || fail "the folder $p does not exist"
command -v tar >/dev/null 2>&1 || fail "this host has no tar"
x=$p; [ ! -d "$d" ] || x=$d
umask 077
e=$(mktemp -d "$x/.om-copy.XXXXXXXX" 2>&1) || { p=$x; barred "$e"; }
t=$e
echo "$asks 0"
e=$(tar -xpof - -C "$t" 2>&1) || { why "$e" "$x"; fail "the archive cannot be unpacked: $(echo "$e" | tail -n 1)"; }
cat >/dev/null
cd -- "$t" || fail "cannot write $t"
chmod 755 . 2>/dev/null
[ -z "$m" ] || find . -type f -exec chmod -- "$m" {} + || fail "cannot set the mode of $d"
[ -z "$o" ] || chown -R -h -- "$o" . || fail "cannot give $d to $o"
if [ ! -e "$d" ]; then
  cd / && mv -- "$t" "$d" || fail "cannot replace $d"
  t=; exit ${CHANGED}
fi
now=$(date +%Y%m%d%H%M%S)
D=$d; export D backup now
changed=$(
  find . ! -name . -type d -exec sh -c 'for f do
    [ -d "$D/$f" ] && continue
    mkdir -- "$D/$f" && chmod "$(stat -c %a -- "$f")" "$D/$f" && echo x || exit 1
  done' sh {} + &&
  find . ! -type d -exec sh -c 'for f do
    to=$D/$f
    if [ -L "$f" ]; then
      [ -L "$to" ] && [ "$(readlink -- "$f")" = "$(readlink -- "$to")" ] && continue
    elif [ -f "$to" ] && [ ! -L "$to" ] && cmp -s -- "$f" "$to" &&
      [ "$(stat -c "%a %u:%g" -- "$f")" = "$(stat -c "%a %u:%g" -- "$to")" ]; then continue; fi
    if [ -d "$to" ] && [ ! -L "$to" ]; then echo "copy: $to is a folder" >&2; exit 1; fi
    if [ -n "$backup" ] && [ -f "$to" ] && [ ! -L "$to" ]; then cp -p -- "$to" "$to.$now~" || exit 1; fi
    [ ! -L "$to" ] || rm -f -- "$to"
    mv -f -- "$f" "$to" && echo x || exit 1
  done' sh {} +
) || fail "cannot replace all files of $d"
cd / && rm -rf -- "$t"
t=
[ -z "$changed" ] && exit ${UNCHANGED}
exit ${CHANGED}`.trimStart()

/** The end of the host, from the exit code of `copyProgram` and the last line it said on stderr. */
export const copyEnd = (exit: number, lastWords: string | undefined): HostEnd => {
  if (exit === CHANGED || exit === UNCHANGED) {
    return { state: 'ok', exit: 0, changed: exit === CHANGED }
  }
  if (exit === COMPARED) return { state: 'ok', exit: 0 }
  return {
    state: 'failed',
    reason: 'copyFailed',
    message: lastWords ?? `the copy ended with exit code ${exit}`,
  }
}
