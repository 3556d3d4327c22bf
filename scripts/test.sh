#!/bin/sh
# npm test: installs what is missing, then runs every check and every test.
# npm test -- --unit runs the unit tests only; anything else goes to vitest: npm test -- selector -t range
# In CI (CI=true) a skipped test is a failure.

. "$(dirname -- "$0")/prepare.sh"
. "$root/scripts/system-packages.sh"

install_packages
find_node

unit=no
for argument; do
  shift
  case $argument in
  --unit) unit=yes ;;
  *) set -- "$@" "$argument" ;;
  esac
done

if [ "$unit" = yes ]; then
  set -- --project unit "$@"
else
  want sshd openssh-server
  want ssh openssh-client
  want ssh-keygen openssh-client
  want chromium chromium
  want fc-list fontconfig
  want cjk-fonts fonts-noto-cjk
  want sudo sudo
  want ps procps
  want ip iproute2
  want unshare util-linux
  want tmux tmux
  want python3 python3
  want python3-venv python3-venv
  want busybox busybox
  want mksh mksh
  want yash yash
  want nats-server nats-server
  want mariadbd mariadb-server
  want postgres postgresql
  want dpkg-deb dpkg
  want systemd-nspawn systemd-container
  want faketime faketime
  want ansible ansible-core
  install_wanted
  install_ansible
  # In a subshell: where the page does not build, the tests that need it say so, and the others still run.
  (build_web) || true
fi

OM_TEST_REPORT=${OM_TEST_REPORT:-$root/.cache/test-report.json}
export OM_TEST_REPORT
rm -f "$OM_TEST_REPORT"

exec "$node" node_modules/vitest/vitest.mjs run "$@"
