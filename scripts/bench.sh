#!/bin/sh
# npm run bench: measures what we claim about speed, with the peers side by side (bench/README.md).
# Arguments go to bench/main.ts.

. "$(dirname -- "$0")/prepare.sh"
. "$root/scripts/system-packages.sh"

install_packages
find_node
build_web

want sshd openssh-server
want ssh openssh-client
want pdsh pdsh
want clush clustershell
want parallel-ssh pssh
want ansible ansible-core
install_wanted

exec "$node" bench/main.ts "$@"
