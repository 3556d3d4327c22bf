# Sourced: asks the machine for tools, and installs the missing ones through apt where it may.
# POSIX sh; needs prepare.sh first. Sets and exports OM_MISSING: the tools that are still absent.

wanted_tools=''

# want TOOL PACKAGE
want() { wanted_tools="$wanted_tools $1=$2"; }

# Debian keeps sshd and its kind where ordinary users do not look.
tool_is_here() {
  case $1 in
  cjk-fonts) has fc-list && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ] ;;
  chromium) has chromium || has chromium-browser || has google-chrome ;;
  python3-venv) has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null ;;
  # Of Debian, whatever else lies on PATH.
  ansible) [ -x /usr/bin/ansible-playbook ] ;;
  postgres) has postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 ;;
  *) (PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin && has "$1") ;;
  esac
}

absent() {
  for pair in $wanted_tools; do
    tool_is_here "${pair%%=*}" || printf '%s ' "$pair"
  done
}

# A package may start a server of its own as soon as it is installed. A test run must not open
# port 22 of somebody's machine, so starting is forbidden while apt works.
without_services() {
  policy=/usr/sbin/policy-rc.d
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  $as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
  trap '$as_root rm -f "$policy"; exit 130' INT TERM
  "$@"
  result=$?
  trap - INT TERM
  $as_root rm -f "$policy"
  return "$result"
}

# One by one: apt installs none of a list in which it does not know one. MariaDB would take the place of a MySQL
# that somebody uses: nothing may be removed.
apt_install_each() {
  for package in $packages; do
    $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-remove --no-install-recommends "$package" >/dev/null || true
  done
}

install_wanted() {
  missing=$(absent)
  if [ -n "$missing" ] && has apt-get; then
    packages=''
    for pair in $missing; do packages="$packages ${pair#*=}"; done
    as_root=''
    if [ "$(id -u)" -eq 0 ] || { has sudo && sudo -n true 2>/dev/null && as_root='sudo -n'; }; then
      say "Installing through apt:$packages" "正在通过 apt 安装：$packages"
      $as_root apt-get update -qq >/dev/null
      without_services apt_install_each
    fi
    missing=$(absent)
  fi
  OM_MISSING=''
  packages=''
  for pair in $missing; do
    OM_MISSING="$OM_MISSING${OM_MISSING:+,}${pair%%=*}"
    packages="$packages ${pair#*=}"
  done
  export OM_MISSING
  [ -z "$OM_MISSING" ] || say \
    "Not installed, so what needs it is left out: $OM_MISSING (as root: apt-get install$packages)" \
    "以下工具未能安装，依赖它们的部分将跳过：$OM_MISSING（以 root 执行：apt-get install$packages）"
}

# A current Ansible beside the one of the distribution, in a cache that the next run uses again.
install_ansible() {
  ansible_pypi=2.19.14
  ansible_home=.cache/ansible-core
  if [ "$("$ansible_home/bin/ansible-playbook" --version 2>/dev/null | sed -n '1s/.*core \([0-9.]*\).*/\1/p')" = "$ansible_pypi" ]; then
    return 0
  fi
  rm -rf "$ansible_home"
  for python in /usr/bin/python3 python3; do
    has "$python" && "$python" -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    say "Installing ansible-core $ansible_pypi into $ansible_home" "正在安装 ansible-core $ansible_pypi 到 $ansible_home"
    "$python" -m venv "$ansible_home" &&
      "$ansible_home/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$ansible_pypi" && return 0
    rm -rf "$ansible_home"
  done
  OM_MISSING="$OM_MISSING${OM_MISSING:+,}ansible-pypi"
  export OM_MISSING
}
