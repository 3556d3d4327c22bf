// What a copy would do to a file, told without writing anything: in check mode the content is compared, not sent.

import { type ShellAction, sh } from '@omserver/core'

interface Copy {
  readonly content: string
  readonly dest: string
  readonly mode?: string | undefined
  readonly owner?: string | undefined
}

/**
 * Says `identical`, or `would change: ` and what: the file is new, its content, its mode, its owner. Fails where the copy
 * would: a folder that is not there, a destination that is no regular file or cannot be read. The content arrives on
 * standard input, because no command line could hold it.
 *
 * @param then what follows a change, for people
 */
export const copyCheck = ({ content, dest, mode, owner }: Copy, then = ''): ShellAction =>
  sh.with({ stdin: content })`LC_ALL=C; export LC_ALL
d=${dest}
m=${mode ?? ''}
o=${owner ?? ''}
fail() { echo "$1" >&2; exit 1; }
would() { echo "would change:$1"${then}; exit 0; }
command -v sha256sum >/dev/null || fail 'this host has no sha256sum'
new=$(sha256sum)
p=$(dirname -- "$d")
if [ ! -e "$d" ]; then
  [ -d "$p" ] || fail "the folder $p does not exist"
  would ' new file'
fi
[ ! -d "$d" ] || fail "$d is a folder; name the file in it"
[ -f "$d" ] || fail "$d is not a regular file"
old=$(sha256sum <"$d") || exit 1
what=
[ "$old" = "$new" ] || what=', content'
was=$(stat -L -c '%a %u:%g %U:%G' -- "$d") || exit 1
while :; do case $m in 0?*) m=\${m#0} ;; *) break ;; esac; done
if [ -n "$m" ] && [ "$m" != "\${was%% *}" ]; then what="$what, mode \${was%% *} to $m"; fi
ids=\${was#* }; names=\${ids#* }; ids=\${ids%% *}
case $o in
  '') ;;
  :*) [ "\${ids#*:}" = "\${o#:}" ] || [ "\${names#*:}" = "\${o#:}" ] || what="$what, owner $names to $o" ;;
  *:*) [ "$ids" = "$o" ] || [ "$names" = "$o" ] || what="$what, owner $names to $o" ;;
  *) [ "\${ids%%:*}" = "$o" ] || [ "\${names%%:*}" = "$o" ] || what="$what, owner $names to $o" ;;
esac
[ -z "$what" ] || would "\${what#,}"
echo identical`
