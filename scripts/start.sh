#!/bin/sh
# npm start: installs what is missing, builds what changed, and runs everything in one process.
# Arguments go to `om up`: npm start -- --port 9000 --data /srv/om

. "$(dirname -- "$0")/prepare.sh"

install_packages
find_node
build_web

exec packages/cli/bin/om.mjs up "$@"
