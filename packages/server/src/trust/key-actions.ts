// The actions that put a public key into an account's authorized_keys and take one out again.

import type { ScriptAction } from '@omserver/core'

/** Says that something was changed on the host; 0 says that it was as wanted already. */
const CHANGED = 10

/**
 * Runs `$work` as the account `$2`: as it is when that is who has logged in, else by su, which only root may.
 * As root itself the file of another account must not be written: a link in its home could point anywhere.
 */
const asAccount = `
om_key=$1
om_keep=\${3-}
export om_key om_keep
me=$(id -un)
if [ "$me" = "$2" ]; then
  exec sh -c "$work"
elif [ "$(id -u)" -ne 0 ]; then
  echo "logged in as $me: only root can change the keys of $2" >&2
  exit 3
elif ! id -u -- "$2" >/dev/null 2>&1; then
  echo "there is no account $2 on this host" >&2
  exit 3
fi
exec su -s /bin/sh -c "$work" "$2"
`

const put = `
work='
set -eu
umask 077
dir=$HOME/.ssh
file=$dir/authorized_keys
mkdir -p "$dir"
chmod 700 "$dir"
[ -e "$file" ] || : >"$file"
chmod 600 "$file"
case $(ls -ldL "$HOME") in
  ?????w* | ????????w*) echo "warning: $HOME is writable by others, so sshd may ignore the key; chmod go-w it" >&2 ;;
esac
if grep -v "^[[:space:]]*#" "$file" | grep -qF -e "$om_key"; then
  echo "the key was there already"
  exit 0
fi
if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then echo >>"$file"; fi
printf "%s omserver\\n" "$om_key" >>"$file"
if command -v restorecon >/dev/null 2>&1; then restorecon -R "$dir" >/dev/null 2>&1 || :; fi
echo "the key was added"
exit ${CHANGED}
'
${asAccount}`

const remove = `
work='
set -eu
umask 077
file=$HOME/.ssh/authorized_keys
if [ -L "$file" ]; then file=$(readlink -f "$file"); fi
if ! [ -e "$file" ] || ! grep -qF -e "$om_key" "$file"; then
  echo "the key was not there"
  exit 0
fi
if [ -n "$om_keep" ] && ! grep -v "^[[:space:]]*#" "$file" | grep -qF -e "$om_keep"; then
  echo "the new key is not in $file: the old one stays" >&2
  exit 4
fi
new=$file.omserver.$$
trap "rm -f \\"\\$new\\"" EXIT
grep -vF -e "$om_key" "$file" >"$new" || [ $? -eq 1 ]
chmod 600 "$new"
mv -f "$new" "$file"
if command -v restorecon >/dev/null 2>&1; then restorecon "$file" >/dev/null 2>&1 || :; fi
echo "the key was removed"
exit ${CHANGED}
'
${asAccount}`

interface KeyOfAccount {
  readonly publicKey: string
  readonly user: string
}

const keyAction = (content: string, args: readonly string[]): ScriptAction => ({
  kind: 'script',
  interpreter: 'sh',
  content: content.trimStart(),
  args,
  changedExit: [CHANGED],
})

/** Once is enough: a key that is there already, under any comment or options, is left as it is. */
export const putKey = ({ publicKey, user }: KeyOfAccount): ScriptAction =>
  keyAction(put, [publicKey, user])

/**
 * Every line that holds the old key goes, the others stay as they are. Where both keys are of one account nothing
 * goes unless the new one is in the same file, whatever anybody else does to it meanwhile.
 */
export const removeKey = (old: KeyOfAccount, replacement?: KeyOfAccount): ScriptAction => {
  const keep = replacement?.user === old.user ? [replacement.publicKey] : []
  return keyAction(remove, [old.publicKey, old.user, ...keep])
}
