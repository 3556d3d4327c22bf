// Modules on hosts that are not like this one: tools that are missing, old, or print what nobody expects.

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderCommand } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtinModules } from './index.ts'
import { createOddHost, type OddHost } from './testing/odd-host.ts'

let host: OddHost
beforeEach(() => {
  host = createOddHost()
})
afterEach(() => host.remove())

describe('a host without the tool has failed, and says which tool: no empty answer that looks like "none"', () => {
  test.each([
    ['network.ports', {}, 'ss'],
    ['process.list', {}, 'ps'],
    ['system.disk', {}, 'df'],
    ['package.version', { packages: ['bash'] }, 'rpm'],
    ['system.logins', {}, 'last'],
    ['user.active', {}, 'who'],
  ])('%s', (name, params, missing) => {
    const { exit, said } = host.run(name, params)
    expect(exit).not.toBe(0)
    expect(said).toContain(missing)
  })

  test('a tool that does not know our options has failed too', () => {
    host.tool('ps', '', 1)
    expect(host.run('process.list').exit).toBe(1)
  })
})

test('accounts are listed where there is no getent', () => {
  const { exit, rows } = host.run('user.list')
  expect(exit).toBe(0)
  expect(rows.map(([name]) => name)).toContain('root')
})

test('CPUs are counted where there is no getconf', () => {
  const { exit, rows } = host.run('system.load')
  expect(exit).toBe(0)
  expect(rows[0]?.[3]).toBeGreaterThan(0)
})

describe('system.disk', () => {
  const disks = (...lines: readonly string[]) =>
    ['Filesystem Type 1024-blocks Used Available Capacity Mounted on', ...lines, ''].join('\n')

  test('reads devices and mount points with spaces', () => {
    host.tool(
      'df',
      disks(
        '/dev/mapper/vg_very_long_name_of_a_volume_group-lv_root xfs 52403200 1024 52402176 1% /',
        '//nas/team share cifs 1000 900 100 90% /mnt/team share',
      ),
    )
    const K = 1024
    expect(host.run('system.disk').rows).toEqual([
      [
        '/dev/mapper/vg_very_long_name_of_a_volume_group-lv_root',
        'xfs',
        52403200 * K,
        K * K,
        52402176 * K,
        1,
        '/',
      ],
      ['//nas/team\\040share', 'cifs', 1000 * K, 900 * K, 100 * K, 90, '/mnt/team share'],
    ])
  })

  test('one mount that cannot be read does not hide the others', () => {
    host.tool('df', disks('/dev/vda1 ext4 1000 900 100 90% /'), 1)
    const { exit, rows } = host.run('system.disk')
    expect([exit, rows.length]).toEqual([0, 1])
  })

  test('a file system without a size is shown as it is', () => {
    host.tool('df', disks('/dev/sr0 iso9660 0 0 0 - /media/cd'))
    expect(host.run('system.disk').rows).toEqual([
      ['/dev/sr0', 'iso9660', 0, 0, 0, null, '/media/cd'],
    ])
  })
})

test('network.ports reads ss of RHEL 7', () => {
  host.tool(
    'ss',
    `Netid State      Recv-Q Send-Q     Local Address:Port       Peer Address:Port
udp   UNCONN     0      0          *:68                   *:*                   users:(("dhclient",pid=1106,fd=6))
tcp   LISTEN     0      128       :::22                  :::*                   users:(("sshd",pid=1383,fd=4))
`,
  )
  expect(host.run('network.ports').rows).toEqual([
    ['tcp', ':::22', ':::*', 'users:(("sshd",pid=1383,fd=4))'],
    ['udp', '*:68', '*:*', 'users:(("dhclient",pid=1106,fd=6))'],
  ])
})

describe('package.version', () => {
  test('a held package is installed, one in two architectures has one version a line', () => {
    host.tool('dpkg-query', 'hi 2.36-9+deb12u14\nii 2.36-9+deb12u14\n')
    expect(host.run('package.version', { packages: ['libc6'] }).rows).toEqual([
      ['libc6', '2.36-9+deb12u14'],
    ])
  })

  test('a package that was removed and left its configuration is not installed', () => {
    host.tool('dpkg-query', 'rc 1.0-1\n')
    expect(host.run('package.version', { packages: ['x'] }).rows).toEqual([['x', '-']])
  })

  test('a host of the RHEL family that happens to have dpkg is asked by rpm', () => {
    host.tool('dpkg-query', '', 1)
    host.tool('rpm', '5.1.8-9.el9\n')
    expect(host.run('package.version', { packages: ['bash'] }).rows).toEqual([
      ['bash', '5.1.8-9.el9'],
    ])
  })

  test('what rpm says of an absent package is no version, in any language', () => {
    host.tool('rpm', '未安装软件包 bash \n', 1)
    expect(host.run('package.version', { packages: ['bash'] }).rows).toEqual([['bash', '-']])
  })
})

test('a configuration with comments in GBK is shown, not called binary', () => {
  const file = join(host.folder, 'app.conf')
  writeFileSync(file, Buffer.from('# \xb6\xcb\xbf\xda\nport = 1 # \xb6\xcb\n\n', 'latin1'))
  const { exit, output } = host.run('app.config', { app: 'other', path: file })
  expect([exit, output]).toEqual([0, 'port = 1 # \xb6\xcb\n'])
})

test('a folder is no configuration: the host has failed, and says so', () => {
  mkdirSync(join(host.folder, 'conf.d'))
  for (const comments of [true, false]) {
    const params = { app: 'other', path: join(host.folder, 'conf.d'), comments }
    const { exit, said } = host.run('app.config', params)
    expect([exit, said.length > 0]).toEqual([1, true])
  }
})

test('a configuration of comments only is empty, and ok', () => {
  host.put('app.conf', '# nothing\n\n')
  const { exit, output } = host.run('app.config', {
    app: 'other',
    path: join(host.folder, 'app.conf'),
  })
  expect([exit, output]).toEqual([0, ''])
})

test('an account that may not read the log has failed: no empty answer that looks like "none"', () => {
  host.tool('journalctl', '')
  const text = host.textOf('system.log').replaceAll('/var/log', join(host.folder, 'log'))
  const options = { env: { PATH: join(host.folder, 'bin') }, encoding: 'utf8' } as const
  const { status, stderr } = spawnSync('/bin/sh', ['-c', text], options)
  expect([status, stderr.includes('this account')]).toEqual([1, true])
  host.tool('journalctl', 'Nov 20 10:00:00 web-1 sshd[1]: hello\n')
  expect(spawnSync('/bin/sh', ['-c', text], options)).toMatchObject({
    status: 0,
    stdout: 'Nov 20 10:00:00 web-1 sshd[1]: hello\n',
  })
})

test('cron: a variable with digits in its name is no job', () => {
  expect(
    spawnSync('awk', ['BEGIN { exit !("A1=x" ~ /^[ \\t]*[A-Za-z_][A-Za-z0-9_]*[ \\t]*=/) }'])
      .status,
  ).toBe(0)
})

describe('system.reboot', () => {
  test('a message to users is never an option', () => {
    host.put('sbin/shutdown', '#!/bin/sh\necho "$@"\n')
    const { exit, output } = host.run('system.reboot', { confirm: true, message: '-h' })
    expect([exit, output]).toEqual([0, '-r -- now -h\n'])
  })

  test('a host without shutdown (Alpine) reboots', () => {
    host.put('sbin/reboot', '#!/bin/sh\necho rebooting\n')
    expect(host.run('system.reboot', { confirm: true })).toMatchObject({
      exit: 0,
      output: 'rebooting\n',
    })
  })
})

test('an application is reloaded on hosts without systemd as service.reload does it', () => {
  const textOf = (name: string, params: Record<string, unknown>): string => {
    const action = builtinModules.find((one) => one.name === name)?.action(params)
    const leaf = action?.kind === 'steps' ? action.steps[1]?.action : action
    return leaf?.kind === 'shell' ? renderCommand(leaf.command, {}) : ''
  }
  for (const onChange of ['reload', 'restart']) {
    const sync = { content: 'x', dest: '/etc/x', onChange, service: 'nginx' }
    expect(textOf('app.sync', sync)).toBe(textOf(`service.${onChange}`, { service: 'nginx' }))
  }
})
