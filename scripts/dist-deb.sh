#!/bin/sh
# npm run dist:deb: dist/omserver_VERSION_ARCH.deb out of the release, for Debian, Ubuntu and their kind.
# Made anew only when the release or the packaging has changed.

. "$(dirname -- "$0")/prepare.sh"
set -e

sh scripts/dist.sh
lock_dist
find_node
has dpkg-deb || die 'dpkg-deb is needed (apt-get install dpkg).' '需要 dpkg-deb（apt-get install dpkg）。'

version=$("$node" -p 'require("./package.json").version')
node_arch=$("$node" -p process.arch)
case $node_arch in
x64) arch=amd64 ;;
*) arch=$node_arch ;;
esac
archive=dist/omserver-$version-linux-$node_arch.tar.gz
package=dist/omserver_${version}_$arch.deb
root=dist/deb
stamp=dist/.sources-deb
wanted="$(cat dist/.sources) $(find scripts/dist-deb.sh packaging/deb packaging/omserver.env -type f | fingerprint)"
if [ -f "$package" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  say "$package is up to date." "$package 已是最新。"
  exit 0
fi

say "Packing $package ..." "正在打包 $package ……"
rm -rf "$root" "$stamp"
mkdir -p "$root/usr/lib/omserver" "$root/usr/lib/systemd" "$root/usr/bin" "$root/usr/share/doc/omserver" \
  "$root/etc/omserver" "$root/DEBIAN"
tar -xzf "$archive" --strip-components=1 -C "$root/usr/lib/omserver"
mv "$root/usr/lib/omserver/systemd" "$root/usr/lib/systemd/system"
ln -s ../lib/omserver/bin/om "$root/usr/bin/om"
cp LICENSE "$root/usr/share/doc/omserver/copyright"
install -m 600 packaging/omserver.env "$root/etc/omserver/omserver.env"

size=$(du -sk "$root" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$arch/" -e "s/@SIZE@/$size/" packaging/deb/control >"$root/DEBIAN/control"
install -m 755 packaging/deb/postinst packaging/deb/prerm packaging/deb/postrm "$root/DEBIAN/"
echo /etc/omserver/omserver.env >"$root/DEBIAN/conffiles"
chmod -R u+rwX,go-w,a+rX "$root/usr" "$root/DEBIAN"
chmod 755 "$root" "$root/etc" "$root/etc/omserver"

# One time for all files, as in the release, so that the same sources give the same package; gzip, which every dpkg knows.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zgzip -z6 --build "$root" "$package.part" >/dev/null
mv "$package.part" "$package"
rm -rf "$root"
printf '%s\n' "$wanted" >"$stamp"
say "$package ($(du -h "$package" | cut -f1))" "$package（$(du -h "$package" | cut -f1)）"
