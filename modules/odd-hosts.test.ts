// Modules on hosts that are not like this one: tools that are missing, old, or print what nobody expects.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkParams, formOf, parseTable, renderCommand } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtinModules } from './index.ts'

/** What every host has; a test adds the tools that it is about. */
const everywhere = 'awk cat cut grep head sed sh sort tail tr uniq'.split(' ')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'om-odd-'))
  mkdirSync(join(folder, 'bin'))
  for (const tool of everywhere) {
    const found = spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' })
    symlinkSync(found.stdout.trim(), join(folder, 'bin', tool))
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Puts a tool on the host that says this, and ends with this code. */
const tool = (name: string, says: string, exit = 0): void => {
  writeFileSync(join(folder, `${name}.txt`), says)
  const text = `#!/bin/sh\ncat '${folder}/${name}.txt'\nexit ${exit}\n`
  writeFileSync(join(folder, 'bin', name), text, { mode: 0o755 })
}

const run = (name: string, params: Record<string, unknown> = {}) => {
  const module = builtinModules.find((one) => one.name === name)
  if (!module) throw new Error(`no module ${name}`)
  const checked = checkParams(module.params, formOf(module.params), params)
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const action = module.action(checked.params)
  if (action.kind !== 'shell') throw new Error('not one command')
  const { status, stdout, stderr } = spawnSync(
    '/bin/sh',
    ['-c', renderCommand(action.command, {})],
    {
      env: { PATH: join(folder, 'bin'), LANG: 'zh_CN.UTF-8' },
    },
  )
  const output = stdout.toString('latin1')
  const rows = module.table ? parseTable(module.table, stdout.toString()) : []
  return { exit: status, output, rows, said: stderr.toString() }
}

describe('a host without the tool has failed, and says which tool: no empty answer that looks like "none"', () => {
  test.each([
    ['network.ports', {}, 'ss'],
    ['process.list', {}, 'ps'],
    ['system.disk', {}, 'df'],
    ['package.version', { packages: ['bash'] }, 'rpm'],
    ['system.logins', {}, 'last'],
    ['user.active', {}, 'who'],
  ])('%s', (name, params, missing) => {
    const { exit, said } = run(name, params)
    expect(exit).not.toBe(0)
    expect(said).toContain(missing)
  })

  test('a tool that does not know our options has failed too', () => {
    tool('ps', '', 1)
    expect(run('process.list').exit).toBe(1)
  })
})

test('accounts are listed where there is no getent', () => {
  const { exit, rows } = run('user.list')
  expect(exit).toBe(0)
  expect(rows.map(([name]) => name)).toContain('root')
})

test('CPUs are counted where there is no getconf', () => {
  const { exit, rows } = run('system.load')
  expect(exit).toBe(0)
  expect(rows[0]?.[3]).toBeGreaterThan(0)
})

describe('system.disk', () => {
  const disks = (...lines: readonly string[]) =>
    ['Filesystem Type 1024-blocks Used Available Capacity Mounted on', ...lines, ''].join('\n')

  test('reads devices and mount points with spaces', () => {
    tool(
      'df',
      disks(
        '/dev/mapper/vg_very_long_name_of_a_volume_group-lv_root xfs 52403200 1024 52402176 1% /',
        '//nas/team share cifs 1000 900 100 90% /mnt/team share',
      ),
    )
    const K = 1024
    expect(run('system.disk').rows).toEqual([
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
    tool('df', disks('/dev/vda1 ext4 1000 900 100 90% /'), 1)
    const { exit, rows } = run('system.disk')
    expect([exit, rows.length]).toEqual([0, 1])
  })

  test('a file system without a size is shown as it is', () => {
    tool('df', disks('/dev/sr0 iso9660 0 0 0 - /media/cd'))
    expect(run('system.disk').rows).toEqual([['/dev/sr0', 'iso9660', 0, 0, 0, null, '/media/cd']])
  })
})

test('network.ports reads ss of RHEL 7', () => {
  tool(
    'ss',
    `Netid State      Recv-Q Send-Q     Local Address:Port       Peer Address:Port
udp   UNCONN     0      0          *:68                   *:*                   users:(("dhclient",pid=1106,fd=6))
tcp   LISTEN     0      128       :::22                  :::*                   users:(("sshd",pid=1383,fd=4))
`,
  )
  expect(run('network.ports').rows).toEqual([
    ['tcp', ':::22', ':::*', 'users:(("sshd",pid=1383,fd=4))'],
    ['udp', '*:68', '*:*', 'users:(("dhclient",pid=1106,fd=6))'],
  ])
})

describe('package.version', () => {
  test('a held package is installed, one in two architectures has one version a line', () => {
    tool('dpkg-query', 'hi 2.36-9+deb12u14\nii 2.36-9+deb12u14\n')
    expect(run('package.version', { packages: ['libc6'] }).rows).toEqual([
      ['libc6', '2.36-9+deb12u14'],
    ])
  })

  test('a package that was removed and left its configuration is not installed', () => {
    tool('dpkg-query', 'rc 1.0-1\n')
    expect(run('package.version', { packages: ['x'] }).rows).toEqual([['x', '-']])
  })

  test('a host of the RHEL family that happens to have dpkg is asked by rpm', () => {
    tool('dpkg-query', '', 1)
    tool('rpm', '5.1.8-9.el9\n')
    expect(run('package.version', { packages: ['bash'] }).rows).toEqual([['bash', '5.1.8-9.el9']])
  })

  test('what rpm says of an absent package is no version, in any language', () => {
    tool('rpm', '未安装软件包 bash \n', 1)
    expect(run('package.version', { packages: ['bash'] }).rows).toEqual([['bash', '-']])
  })
})

test('a configuration with comments in GBK is shown, not called binary', () => {
  const file = join(folder, 'app.conf')
  writeFileSync(file, Buffer.from('# \xb6\xcb\xbf\xda\nport = 1 # \xb6\xcb\n\n', 'latin1'))
  const { exit, output } = run('app.config', { app: 'other', path: file })
  expect([exit, output]).toEqual([0, 'port = 1 # \xb6\xcb\n'])
})

test('cron: a variable with digits in its name is no job', () => {
  expect(
    spawnSync('awk', ['BEGIN { exit !("A1=x" ~ /^[ \\t]*[A-Za-z_][A-Za-z0-9_]*[ \\t]*=/) }'])
      .status,
  ).toBe(0)
})

test('a message to users of a host that reboots is never an option', () => {
  const module = builtinModules.find((one) => one.name === 'system.reboot')
  const action = module?.action({ confirm: true, message: '-h' })
  if (action?.kind !== 'shell') throw new Error('not one command')
  expect(renderCommand(action.command, {})).toBe('shutdown -r -- now -h')
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
