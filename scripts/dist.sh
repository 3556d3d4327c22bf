#!/bin/sh
# npm run dist: dist/omserver-VERSION-linux-ARCH.tar.gz, which runs on a server without Node and without network.
# Our packages lie outside node_modules there as well, because Node strips no types under node_modules.

. "$(dirname -- "$0")/prepare.sh"

install_packages
find_node
[ "$node" = "$pinned_node" ] || die \
  'A release carries the pinned Node.js; there is none for this platform.' \
  '发布包需要内置的 Node.js，而当前平台没有。'
build_web

version=$("$node" -p 'require("./package.json").version')
arch=$("$node" -p process.arch)
name=omserver-$version-linux-$arch
stage=dist/$name

rm -rf "$stage"
mkdir -p "$stage/bin" "$stage/runtime"

say "Collecting $name ..." "正在收集 $name ……"
cp package.json package-lock.json .npmrc LICENSE README.md README.zh.md CHANGELOG.md "$stage/"
for package in packages/* modules; do
  [ -f "$package/package.json" ] || continue
  mkdir -p "$stage/$package"
  cp "$package/package.json" "$stage/$package/"
  case $package in
  # Of the page only what was built goes out.
  packages/web) parts=dist ;;
  modules) parts=$(cd modules && ls | grep -vE '^(node_modules|cases)$') ;;
  *) parts='src bin' ;;
  esac
  for part in $parts; do
    [ ! -e "$package/$part" ] || cp -R "$package/$part" "$stage/$package/"
  done
done
find "$stage/packages" "$stage/modules" \( -name '*.test.ts' -o -name '*.fixture.ts' \) -exec rm -f {} +

# Every workspace but the page, whose packages are already in its bundle.
workspaces=$("$node" -p '
  const { workspaces } = require("./package.json")
  workspaces.filter((w) => w !== "packages/web").map((w) => `-w ${w}`).join(" ")')
# shellcheck disable=SC2086
(cd "$stage" && npm ci --omit=dev $workspaces --prefer-offline --loglevel=error >&2) || die \
  'The packages of the release could not be installed.' '发布包的依赖安装失败。'

# Addons bring a binary for every platform; this release runs on one.
find "$stage/node_modules" -path '*/prebuilds/*' -name '*.node' ! -name "linux*-$arch.node" ! -path "*/linux*-$arch/*" \
  -exec rm -f {} +
rm -rf "$stage/node_modules/better-sqlite3/deps" "$stage/node_modules/better-sqlite3/src" \
  "$stage/node_modules/.bin" "$stage/node_modules/.package-lock.json"
find "$stage/node_modules" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) \
  -exec rm -f {} +

cp "$("$node" -p process.execPath)" "$stage/runtime/node"
cat >"$stage/bin/om" <<'LAUNCHER'
#!/bin/sh
# om of a release: runs with the Node that lies beside it.
here=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
exec "$here/runtime/node" "$here/packages/cli/bin/om.mjs" "$@"
LAUNCHER
chmod 755 "$stage/bin/om" "$stage/runtime/node"
rm -f "$stage/.npmrc" "$stage/package-lock.json"

# The same sources give the same archive, byte for byte: sorted names, one owner, one time.
when=$(git log -1 --format=%ct 2>/dev/null || date +%s)
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" -C dist -cf - "$name" |
  gzip -n -9 >"dist/$name.tar.gz.part" && mv "dist/$name.tar.gz.part" "dist/$name.tar.gz"
rm -rf "$stage"

say "dist/$name.tar.gz ($(du -h "dist/$name.tar.gz" | cut -f1))" "dist/$name.tar.gz（$(du -h "dist/$name.tar.gz" | cut -f1)）"
