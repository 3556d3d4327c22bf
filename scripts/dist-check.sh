#!/bin/sh
# Unpacks a release into an empty folder and starts it where there is no network at all.
# dist-check.sh [ARCHIVE]; without one, the newest in dist/. Needs unshare, ip and curl, and root or user namespaces.
# Ends with 0 when /api/health answered 200, by the release's own Node.

set -eu
cd "$(dirname -- "$0")/.."
archive=${1:-$(ls -t dist/omserver-*.tar.gz 2>/dev/null | head -n 1)}
[ -n "$archive" ] || { echo 'There is no release in dist/: npm run dist' >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xzf "$archive" -C "$folder" --strip-components=1

map=''
[ "$(id -u)" -eq 0 ] || map=--map-root-user
# Nothing of the caller's environment goes along: no Node on PATH, no settings, no home.
# shellcheck disable=SC2086
unshare $map --net env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$folder" OM_ADMIN_PASSWORD=dist-check-only \
  sh -eu -c '
  folder=$1
  ip link set lo up
  "$folder/bin/om" up --data "$folder/data" --port 8640 >"$folder/log" 2>&1 &
  server=$!
  trap "kill $server 2>/dev/null || true; wait $server 2>/dev/null || true" EXIT
  tries=0
  until curl -fsS -o /dev/null http://127.0.0.1:8640/api/health 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -ge 100 ] || ! kill -0 $server 2>/dev/null; then
      echo "The release does not answer. What it said:" >&2
      cat "$folder/log" >&2
      exit 1
    fi
    sleep 0.2
  done
  [ "$(readlink /proc/$server/exe)" = "$folder/runtime/node" ] || {
    echo "It runs on $(readlink /proc/$server/exe), not on its own Node." >&2
    exit 1
  }
  curl -fsS http://127.0.0.1:8640/ | grep -qi "<!doctype html" || {
    echo "It serves no page." >&2
    exit 1
  }
' dist-check "$folder"
echo "$(basename "$archive") starts without network and answers."
