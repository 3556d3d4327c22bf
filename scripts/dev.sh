#!/bin/sh
# npm run dev: the server restarts when its sources change, the page reloads when its own do.
# The data folder is .cache/dev, so that trying things out never touches real data.

. "$(dirname -- "$0")/prepare.sh"

install_packages
find_node
build_web

OM_ADMIN_PASSWORD=${OM_ADMIN_PASSWORD:-only-for-dev}
export OM_ADMIN_PASSWORD
port=${OM_PORT:-8640}

"$node" --watch packages/cli/bin/om.mjs up --data .cache/dev --port "$port" "$@" &
server=$!
say "The page that reloads itself is the address that vite prints; user admin, password $OM_ADMIN_PASSWORD." \
  "会自动刷新的页面是下面 vite 打印的地址；用户 admin，密码 $OM_ADMIN_PASSWORD。"
# Beside us as well, not in our place: a signal then ends both at once.
(cd packages/web && OM_URL=http://127.0.0.1:$port exec "$node" ../../node_modules/vite/bin/vite.js) &
page=$!
trap 'kill "$server" "$page" 2>/dev/null; wait' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait "$page"
