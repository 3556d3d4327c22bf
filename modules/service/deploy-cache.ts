// cache.deploy: installs, configures and starts Redis or memcached. Running it again changes only what differs.

import { field, module } from '@omserver/core'
import { z } from 'zod'

// $1 engine, $2 port, $3 megabytes, $4 address. Ends with 0 when nothing had to change, 10 when something did.
const content = `set -eu
engine=$1 port=$2 memory=$3 bind=$4 changed=0
if command -v apt-get >/dev/null 2>&1; then family=debian; else family=rhel; fi
if [ "$engine" = redis ] && [ "$family" = debian ]; then package=redis-server unit=redis-server conf=/etc/redis/redis.conf
elif [ "$engine" = redis ]; then package=redis unit=redis; conf=/etc/redis/redis.conf; [ -e "$conf" ] || conf=/etc/redis.conf
else package=memcached unit=memcached; if [ "$family" = debian ]; then conf=/etc/memcached.conf; else conf=/etc/sysconfig/memcached; fi
fi
installed() { if [ "$family" = debian ]; then dpkg-query -W -f='\${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii'; else rpm -q "$package" >/dev/null 2>&1; fi; }
if ! installed; then
  if [ "$family" = debian ]; then DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$package"
  elif command -v dnf >/dev/null 2>&1; then dnf install -y -q "$package"
  elif command -v yum >/dev/null 2>&1; then yum install -y -q "$package"
  else echo 'this host has neither apt-get, dnf nor yum' >&2; exit 1; fi
  changed=1
  if [ "$engine" = redis ] && [ "$family" = rhel ]; then conf=/etc/redis/redis.conf; [ -e "$conf" ] || conf=/etc/redis.conf; fi
fi
[ -e "$conf" ] || { echo "$package is installed but $conf does not exist" >&2; exit 1; }
new=$(mktemp)
trap 'rm -f "$new"' EXIT
if [ "$engine" = redis ]; then
  grep -Ev '^(port|bind|maxmemory|maxmemory-policy) ' "$conf" > "$new" || true
  printf 'port %s\\nbind %s\\nmaxmemory %smb\\nmaxmemory-policy allkeys-lru\\n' "$port" "$bind" "$memory" >> "$new"
elif [ "$family" = debian ]; then
  printf -- '-d\\nlogfile /var/log/memcached.log\\n-u memcache\\n-m %s\\n-p %s\\n-l %s\\n' "$memory" "$port" "$bind" > "$new"
else
  printf 'PORT="%s"\\nUSER="memcached"\\nMAXCONN="1024"\\nCACHESIZE="%s"\\nOPTIONS="-l %s"\\n' "$port" "$memory" "$bind" > "$new"
fi
if ! cmp -s "$new" "$conf"; then cp -p "$conf" "$conf.om~" 2>/dev/null || true; cat "$new" > "$conf"; changed=1; fi
if [ -d /run/systemd/system ]; then
  systemctl enable -q "$unit"
  if [ "$changed" = 1 ]; then systemctl restart "$unit"; else systemctl start "$unit"; fi
  systemctl is-active "$unit"
elif [ "$changed" = 1 ]; then service "$unit" restart
else service "$unit" status >/dev/null 2>&1 || service "$unit" start
fi
echo "$engine listens on $bind:$port with $memory MB"
if [ "$changed" = 1 ]; then exit 10; fi
`

const usualPort = { redis: 6379, memcached: 11211 } as const

export const deployCache = module({
  name: 'cache.deploy',
  title: { zh: '部署缓存服务', en: 'Deploy a cache service' },
  summary: {
    zh: '安装、配置并启动 Redis 或 memcached；重复执行时只修改有差异的部分',
    en: 'Install, configure and start Redis or memcached; running it again changes only what differs',
  },
  category: 'service',
  idempotent: true,
  dangerous: {
    zh: '主机上已有的同种缓存会被改写（端口、监听地址、内存上限、淘汰策略）并重启，未持久化的数据会丢失。',
    en: 'A cache of this kind that is already there gets this port, address, memory limit and eviction, and is restarted: what it has not saved is lost.',
  },
  timeoutMs: 600_000,
  params: z.object({
    engine: z
      .enum(['redis', 'memcached'])
      .meta(field({ title: { zh: '缓存', en: 'Cache' }, kind: 'radio' })),
    port: z
      .number()
      .int()
      .min(1)
      .max(65535)
      .optional()
      .meta(
        field({
          title: { zh: '端口', en: 'Port' },
          help: {
            zh: '留空则为 6379（Redis）或 11211（memcached）',
            en: 'Empty: 6379 (Redis) or 11211 (memcached)',
          },
        }),
      ),
    memoryMb: z
      .number()
      .int()
      .min(16)
      .max(1_048_576)
      .default(256)
      .meta(field({ title: { zh: '内存上限（MB）', en: 'Memory (MB)' } })),
    bind: z
      .union([z.ipv4(), z.ipv6()])
      .default('127.0.0.1')
      .meta(
        field({
          title: { zh: '监听地址', en: 'Listen on' },
          kind: 'text',
          format: { zh: 'IPv4 或 IPv6 地址', en: 'an IPv4 or IPv6 address' },
          help: {
            zh: '缓存默认没有密码，不要监听不可信的网络',
            en: 'Caches have no password by default: do not listen on an untrusted network',
          },
        }),
      ),
  }),
  action: ({ engine, port, memoryMb, bind }) => ({
    kind: 'script',
    interpreter: 'sh',
    content,
    args: [engine, String(port ?? usualPort[engine]), String(memoryMb), bind],
    okExit: [0, 10],
    changedExit: [10],
  }),
  needs: {
    zh: '需要 root；Debian 或 RHEL 系，软件源可用',
    en: 'Needs root; Debian or RHEL family with a reachable package source',
  },
})
