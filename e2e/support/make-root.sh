#!/bin/sh
# make-root.sh ROOT PACKAGE...: a small Debian in ROOT, out of the packages of this machine: the essential ones, those
# named, and what they depend on. Ten seconds instead of the minute of debootstrap, and no network.
set -eu

root=$1
shift
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
for folder in proc dev sys run tmp root home; do mkdir -p "$root/$folder"; done
chmod 1777 "$root/tmp"

essential=$(dpkg-query -W -f '${Essential} ${Package}\n' | sed -n 's/^yes //p')
# shellcheck disable=SC2086
packages=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
  --no-replaces --no-enhances $essential mawk "$@" | sed -n 's/^\([a-z0-9][^: ]*\).*/\1/p' | sort -u |
  while read -r package; do dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' "$package" 2>/dev/null || true; done |
  sed -n 's/^ii *//p')

# shellcheck disable=SC2086
dpkg -L $packages | grep -vE '^(/(bin|sbin|lib|lib64|\.)?|/usr/share/(doc|man|locale|info)/.*|diverted by .*|)$' |
  sort -u >"$root/tmp/files"
# A file that somebody has removed from this machine is no loss.
tar -C / --no-recursion --ignore-failed-read -cf - -T "$root/tmp/files" 2>/dev/null |
  tar -C "$root" --keep-directory-symlink -xf -
rm "$root/tmp/files"
ln -s mawk "$root/usr/bin/awk"

# As on the first day: nobody else's users, nothing configured by hand.
cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
cp /usr/share/base-passwd/group.master "$root/etc/group"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
echo LANG=C.UTF-8 >"$root/etc/default/locale" 2>/dev/null || true

mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/triggers"
# shellcheck disable=SC2086
dpkg-query -s $packages >"$root/var/lib/dpkg/status"
for package in $packages; do
  cp "/var/lib/dpkg/info/$package.list" "$root/var/lib/dpkg/info/" 2>/dev/null || true
done
