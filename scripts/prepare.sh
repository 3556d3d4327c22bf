# Sourced by the other scripts: speaks the user's language, installs packages, builds the web page.
# POSIX sh. Each step first asks whether it is needed, because `npm start` must be quick the second time.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
cd "$root" || exit 1
pinned_node=$root/node_modules/.bin/node

case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
zh*) language=zh ;;
*) language=en ;;
esac

# say ENGLISH CHINESE
say() {
  if [ "$language" = zh ]; then printf '%s\n' "$2" >&2; else printf '%s\n' "$1" >&2; fi
}

die() {
  say "$1" "$2"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# A checksum of the files on standard input, one path a line: their contents and their names.
fingerprint() {
  LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum | cksum
}

# Before npm or vite says so in forty lines.
need_writable() {
  [ -w "$1" ] || die \
    "$(id -un) may not write to $1, and something is to be installed or built there. Start once as its owner, or use a copy of your own; data can lie elsewhere (npm start -- --data DIR)." \
    "用户 $(id -un) 对 $1 没有写权限，而这里还需要安装或构建。请先由目录的属主启动一次，或换用自己的一份副本；数据可以放在别处（npm start -- --data 目录）。"
}

major_of() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

install_packages() {
  stamp=node_modules/.omserver-lock
  wanted=$(cksum <package-lock.json)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  # Someone ran npm by hand after the lock file last changed: what is there is what the lock says.
  if [ ! -f "$stamp" ] && [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then
    printf '%s\n' "$wanted" >"$stamp"
    return 0
  fi
  has node && has npm || die \
    'OMServer needs Node.js 20 or newer with npm. Install them (for example: apt-get install nodejs npm) and try again.' \
    'OMServer 需要 Node.js 20 及以上版本和 npm。请先安装（例如：apt-get install nodejs npm），然后重试。'
  [ "$(major_of node)" -ge 20 ] || die \
    "Node.js $(node --version) is too old to install the packages; version 20 or newer is needed." \
    "当前 Node.js $(node --version) 版本过低，无法安装依赖包；需要 20 或以上版本。"
  need_writable "$root"
  say 'Installing packages (a minute, only when they changed) ...' '正在安装依赖包（约一分钟，仅在依赖变化时进行）……'
  # Without network npm ci tries each of some hundred packages several times: a minute and a half before it says so.
  # A mirror may not know ping, so only that nobody answered at all counts; what npm has kept may still be enough.
  offline=''
  if ! answer=$(npm ping --fetch-retries=1 --fetch-retry-mintimeout=1000 2>&1); then
    case $answer in
    *ENOTFOUND* | *EAI_AGAIN* | *ECONNREFUSED* | *ENETUNREACH* | *EHOSTUNREACH* | *ETIMEDOUT*) offline=--offline ;;
    esac
  fi
  # shellcheck disable=SC2086
  npm ci $offline --no-audit --no-fund --no-update-notifier --loglevel=error >&2 || {
    [ -z "$offline" ] || die \
      'The npm registry cannot be reached from here (npm ping), and what npm has kept of earlier installs is not enough. For a machine without network, make a release on another one: npm run dist.' \
      '本机连不上 npm 源（npm ping），npm 以前缓存的内容也不够用。没有网络的机器请用发布包：在另一台机器上执行 npm run dist。'
    die 'The packages could not be installed; npm says why above.' '依赖包安装失败，原因见上方 npm 的输出。'
  }
  printf '%s\n' "$wanted" >"$stamp"
}

# Sets `node` to a Node 24: the pinned one, or on a platform we pin none for, the machine's own.
find_node() {
  if [ -x "$pinned_node" ]; then
    node=$pinned_node
  elif [ "$(major_of node)" -ge 24 ]; then
    node=$(command -v node)
  else
    die \
      "There is no pinned Node.js for $(uname -s) $(uname -m); install Node.js 24 or newer and try again." \
      "$(uname -s) $(uname -m) 平台没有内置的 Node.js，请安装 Node.js 24 或以上版本后重试。"
  fi
  PATH=$root/node_modules/.bin:$PATH
  export PATH
}

# What the web page is made of. The lock file stands for every package in it.
web_sources() {
  find packages/web packages/core/src packages/api/src -type d \( -name node_modules -o -name dist \) -prune \
    -o -type f ! -name '*.test.ts' ! -name '*.test.tsx' -print
  echo package-lock.json
}

build_web() {
  stamp=packages/web/dist/.sources
  wanted=$(web_sources | fingerprint)
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
  need_writable packages/web
  say 'Building the web page ...' '正在构建网页……'
  (cd packages/web && "$node" ../../node_modules/vite/bin/vite.js build --logLevel warn >&2) || die \
    'The web page could not be built; the reason stands above.' \
    '网页构建失败，原因见上方输出。'
  printf '%s\n' "$wanted" >"$stamp"
}

# Two at a time would write over each other in dist/.
lock_dist() {
  mkdir -p dist
  exec 9>dist/.lock
  ! has flock || flock 9
}
