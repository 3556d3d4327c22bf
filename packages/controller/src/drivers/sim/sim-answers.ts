// What simulated hosts print: an answer for each command that our modules, and people, are likely to send.

import type { SimHost } from './sim-host.ts'

export interface SimAnswer {
  readonly output: string
  readonly exit: number
}

/** A number of this host, from 0 to `below`, the same each time for the same `salt`. */
const of = (host: SimHost, salt: number, below: number): number =>
  (Math.imul(host.seed ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b) >>> 8) % below

/** One host in `every` is otherwise; a fast one never. */
const rare = (host: SimHost, salt: number, every: number): boolean =>
  !host.fast && of(host, salt, every) === 0

const load = (host: SimHost, salt: number): string => (of(host, salt, 180) / 100).toFixed(2)
const isOld = (host: SimHost): boolean => host.system.packages === 'rpm'

const disks = (host: SimHost): readonly (readonly [string, string, number, number, string])[] => [
  [
    '/dev/vda1',
    isOld(host) ? 'xfs' : 'ext4',
    41_152_812,
    8_200_000 + of(host, 1, 9) * 100_000,
    '/',
  ],
  ['/dev/vdb1', 'xfs', 209_603_588, (rare(host, 2, 100) ? 199 : 60) * 1_000_000, '/data'],
]

const dfRows = (host: SimHost, unit: string): string =>
  disks(host)
    .map(([device, type, size, used, mount]) => {
      const use = Math.ceil((used / size) * 100)
      const sizes = [size, used, size - used].map((kib) => `${kib}${unit}`).join(' ')
      return `${device} ${type} ${sizes} ${use}% ${mount}\n`
    })
    .join('')

/** As `df -h` and `ls -h` write sizes: one digit after the point below ten, always rounded up. */
const human = (kib: number): string => {
  let size = kib
  let unit = 0
  for (; size >= 1024; size /= 1024) unit += 1
  const text = size < 10 ? (Math.ceil(size * 10) / 10).toFixed(1) : String(Math.ceil(size))
  return `${text}${'KMGT'[unit] ?? 'P'}`
}

/** `df` as people call it, for the options that change its columns. */
const df = (host: SimHost, options: string): string => {
  const size = options.includes('h') ? human : String
  const cells = disks(host).map(([device, type, all, used, mount]) => [
    device,
    ...(options.includes('T') ? [type] : []),
    ...[all, used, all - used].map((kib) => size(kib)),
    `${Math.ceil((used / all) * 100)}%`,
    mount,
  ])
  const head = options.includes('h')
    ? ['Size', 'Used', 'Avail']
    : ['1K-blocks', 'Used', 'Available']
  const type = options.includes('T') ? ['Type'] : []
  const rows = [['Filesystem', ...type, ...head, 'Use%', 'Mounted on'], ...cells]
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(at === 0 ? 14 : 9))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('')
}

const services = ['nginx', 'sshd', 'crond', 'mysqld', 'redis']

const packageVersion = (host: SimHost, name: string): string => {
  const versions: Record<string, readonly [string, string, string]> = {
    nginx: ['1.22.1-9+deb12u1', '1.22.1-9', '1.20.1-10.el7'],
    openssl: ['3.0.15-1~deb12u1', '3.0.11-1~deb12u2', '1.0.2k-26.el7_9'],
    bash: ['5.2.15-2+b7', '5.2.15-2+b7', '4.2.46-35.el7_9'],
    curl: ['7.88.1-10+deb12u8', '7.88.1-10+deb12u5', '7.29.0-59.el7_9.2'],
  }
  const [usual, older, rpm] = versions[name] ?? ['-', '-', '-']
  if (isOld(host)) return rpm
  return rare(host, 3, 40) ? older : usual
}

const upDays = (host: SimHost): number => 12 + of(host, 4, 200)

type Answer = (host: SimHost, found: RegExpMatchArray) => string | SimAnswer

/** The first that matches answers. */
const answers: readonly (readonly [RegExp, Answer])[] = [
  [/df -PTk/, (host) => `filesystem type size used free use mount\n${dfRows(host, 'K')}`],
  [/^\s*df\b((?:\s+-\w+)*)/, (host, [, options = '']) => df(host, options)],
  [
    /\/proc\/loadavg/,
    (host) =>
      `load1=${load(host, 5)}\nload5=${load(host, 6)}\nload15=${load(host, 7)}\ncpus=8\nprocesses=1/${180 + of(host, 8, 40)}\n`,
  ],
  [
    /\/proc\/meminfo/,
    (host) => {
      const used = 3_000_000 + of(host, 9, 9_000) * 1_000
      const use = Math.floor((used * 100) / 16_384_000)
      return `total=16384000K\nused=${used}K\navailable=${16_384_000 - used}K\nuse=${use}%\nswapTotal=0K\nswapUsed=0K\n`
    },
  ],
  [
    /^\s*free\b/,
    (host) =>
      `               total        used        free      shared  buff/cache   available\nMem:           16000        ${3000 + of(host, 9, 900)}        9000          12        4000       12000\nSwap:              0           0           0\n`,
  ],
  [/printf 'os=/, ({ system }) => `os=${system.os}\nkernel=${system.kernel}\narch=x86_64\n`],
  [
    /\/etc\/(os|redhat)-release/,
    ({ system }) => `PRETTY_NAME="${system.os}"\nVERSION_ID="${system.version}"\nID=${system.id}\n`,
  ],
  [
    /\buptime\b/,
    (host) =>
      ` 10:2${of(host, 10, 10)}:07 up ${upDays(host)} days,  3:14,  ${1 + of(host, 11, 3)} users,  load average: ${load(host, 5)}, ${load(host, 6)}, ${load(host, 7)}\n`,
  ],
  [/uname -r/, ({ system }) => `${system.kernel}\n`],
  [/uname/, ({ system, name }) => `Linux ${name} ${system.kernel} #1 SMP x86_64 GNU/Linux\n`],
  [/^\s*hostname\b/, ({ name }) => `${name}\n`],
  [/^\s*nproc\b/, () => '8\n'],
  [/^\s*(whoami|id -un)\b/, () => 'root\n'],
  [/^\s*id\b/, () => 'uid=0(root) gid=0(root) groups=0(root)\n'],
  [
    /\/proc\/modules|\blsmod\b/,
    (host) =>
      `module size used_by\next4 ${isOld(host) ? 585728 : 987136} -\nip_tables 36864 -\njbd2 172032 ext4\nnf_conntrack 188416 -\noverlay 163840 -\nvirtio_net 73728 -\n`,
  ],
  [
    /\bss -lntup/,
    (host) =>
      `protocol local peer process\ntcp 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=${700 + of(host, 12, 90)},fd=3))\ntcp 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=${1200 + of(host, 13, 90)},fd=6))\nudp 127.0.0.1:323 0.0.0.0:* users:(("chronyd",pid=612,fd=5))\n`,
  ],
  [
    /for p in ([^;]+); do\s+v=\s+if has dpkg-query/,
    (host, [, names = '']) =>
      names
        .split(/\s+/)
        .map((name) => name.replaceAll("'", ''))
        .map((name) => `${name} ${packageVersion(host, name)}\n`)
        .join(''),
  ],
  [
    /\bps -eo/,
    (host) =>
      [
        'PID USER %CPU %MEM RSS ELAPSED COMMAND',
        `${1200 + of(host, 13, 90)} www-data ${of(host, 14, 90) / 10} 1.2 196608 ${upDays(host)}-03:14:00 nginx: worker process`,
        `${2300 + of(host, 15, 90)} mysql ${of(host, 16, 300) / 10} 24.6 4030464 ${upDays(host)}-03:13:52 /usr/sbin/mysqld`,
        `1 root 0.0 0.1 12288 ${upDays(host)}-03:14:07 /sbin/init`,
        '',
      ].join('\n'),
  ],
  [
    /systemctl (restart|reload|stop) (\S+)/,
    (host, [, verb = '', service = '']) =>
      rare(host, 17, 100)
        ? {
            output: `Job for ${service}.service failed because the control process exited with error code.\n`,
            exit: 1,
          }
        : verb === 'stop'
          ? 'inactive\n'
          : 'active\n',
  ],
  [
    /systemctl show (\S+)/,
    (host, [, service = '']) =>
      services.includes(service.replaceAll("'", '').replace(/\.service$/, ''))
        ? `LoadState=loaded\nActiveState=${rare(host, 18, 80) ? 'failed' : 'active'}\nSubState=${rare(host, 18, 80) ? 'failed' : 'running'}\nUnitFileState=enabled\nMainPID=${1200 + of(host, 13, 90)}\nActiveEnterTimestamp=Tue 2026-09-01 03:14:07 CST\n`
        : 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\nMainPID=0\nActiveEnterTimestamp=\n',
  ],
  [
    /systemctl is-active/,
    (host) => (rare(host, 18, 80) ? { output: 'failed\n', exit: 3 } : 'active\n'),
  ],
  [
    /systemctl status (\S+)/,
    (host, [, service = '']) =>
      `● ${service}.service\n     Loaded: loaded (/lib/systemd/system/${service}.service; enabled)\n     Active: active (running) since Tue 2026-09-01 03:14:07 CST\n   Main PID: ${1200 + of(host, 13, 90)}\n`,
  ],
  [
    /\blast\b/,
    (host) =>
      `ops      pts/0        10.0.0.${5 + of(host, 19, 3)}         Mon Nov 23 09:1${of(host, 20, 10)}   still logged in\nroot     pts/0        10.0.0.5         Fri Nov 20 18:02 - 18:44  (00:42)\nreboot   system boot  ${host.system.kernel}   Tue Sep  1 03:14   still running\n\nwtmp begins Tue Sep  1 03:14:07 2026\n`,
  ],
  [
    /\/var\/log\/(messages|syslog)|journalctl/,
    (host) =>
      `Nov 23 10:01:01 ${host.name} CRON[${4000 + of(host, 21, 900)}]: (root) CMD (run-parts /etc/cron.hourly)\nNov 23 10:12:44 ${host.name} sshd[${4000 + of(host, 22, 900)}]: Accepted publickey for ops from 10.0.0.5 port 51514 ssh2\nNov 23 10:17:01 ${host.name} systemd[1]: Started Daily apt download activities.\n`,
  ],
  [
    /\/etc\/crontab|\bcrontab\b/,
    () =>
      '/etc/crontab\t17 * * * * root cd / && run-parts --report /etc/cron.hourly\n/var/spool/cron/root\t*/5 * * * * /opt/monitor/agent.sh >/dev/null 2>&1\n',
  ],
  [
    /\/etc\/passwd|getent passwd/,
    () =>
      'root:x:0:0:root:/root:/bin/bash\nops:x:1000:1000:Operations:/home/ops:/bin/bash\ndeploy:x:1001:1001::/home/deploy:/bin/bash\n',
  ],
  [
    /^\s*(LC_ALL=C\s+)?(who|w)\b/,
    (host) => (rare(host, 23, 4) ? 'ops      pts/0        2026-11-23 09:14 (10.0.0.5)\n' : ''),
  ],
  [
    /nginx\.conf/,
    (host) =>
      `user www-data;\nworker_processes auto;\nevents { worker_connections ${rare(host, 24, 50) ? 768 : 4096}; }\nhttp {\n  server { listen 80; server_name ${host.name}; }\n}\n`,
  ],
]

/** undefined: nothing is known of such a command. */
export const simAnswer = (command: string, host: SimHost): SimAnswer | undefined => {
  for (const [pattern, answer] of answers) {
    const found = command.match(pattern)
    if (!found) continue
    const said = answer(host, found)
    return typeof said === 'string' ? { output: said, exit: 0 } : said
  }
  return undefined
}
