#!/bin/sh
# npm run dist: dist/omserver-VERSION-linux-ARCH.tar.gz, which runs on a server without Node and without network.
# Our packages lie outside node_modules there as well, because Node strips no types under node_modules.
# Made anew only when something that goes into it has changed.

. "$(dirname -- "$0")/prepare.sh"
set -e

install_packages
find_node
lock_dist
[ "$node" = "$pinned_node" ] || die \
  'A release carries the pinned Node.js; there is none for this platform.' \
  '发布包需要内置的 Node.js，而当前平台没有。'
build_web

version=$("$node" -p 'require("./package.json").version')
arch=$("$node" -p process.arch)
name=omserver-$version-linux-$arch
stage=dist/$name
archive=dist/$name.tar.gz
texts='package.json LICENSE README.md README.zh.md CHANGELOG.md docs'

release_sources() {
  # shellcheck disable=SC2086
  find $texts package-lock.json .npmrc scripts/dist.sh scripts/sbom.ts packaging/systemd packages modules \
    -name node_modules -prune \
    -o -path 'packages/web/*' ! -path packages/web/dist ! -path 'packages/web/dist/*' ! -name package.json -prune \
    -o -type f ! -name '*.test.ts' ! -name .sources -print
}

stamp=dist/.sources
wanted="$arch $(release_sources | fingerprint)"
if [ -f "$archive" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  say "$archive is up to date." "$archive 已是最新。"
  exit 0
fi

rm -rf "$stage" "$stamp"
mkdir -p "$stage/bin" "$stage/runtime"

say "Collecting $name ..." "正在收集 $name ……"
# shellcheck disable=SC2086
cp -R $texts package-lock.json .npmrc packaging/systemd "$stage/"
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
find "$stage/packages" "$stage/modules" \( -name '*.test.ts' -o -name '*.fixture.ts' -o -name 'conformance*' \
  -o -name testing \) -prune -exec rm -rf {} +
rm -f "$stage/packages/web/dist/.sources"

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
# PATH may hold nothing: a service starts with what its unit says.
self=$(PATH=/usr/bin:/bin readlink -f -- "$0")
here=${self%/bin/*}
exec "$here/packages/cli/bin/om.mjs" "$@"
LAUNCHER
chmod 755 "$stage/bin/om" "$stage/runtime/node"
rm -f "$stage/.npmrc" "$stage/package-lock.json"

when=$(git log -1 --format=%ct 2>/dev/null || date +%s)
"$node" scripts/sbom.ts "$when" "$arch" >"$stage/sbom.cdx.json"

# The same sources give the same archive, byte for byte: sorted names, one owner, one time; and whatever the umask of
# who made it, everybody can read it.
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go-w,a+rX --mtime="@$when" -C dist -cf "$stage.tar" "$name"
gzip -n -6 <"$stage.tar" >"$archive.part"
mv "$archive.part" "$archive"
rm -rf "$stage" "$stage.tar"
printf '%s\n' "$wanted" >"$stamp"

size=$(du -h "$archive" | cut -f1)
say "$archive ($size)" "$archive（$size）"
