// The Debian package on a Debian with its own systemd: installed, started, upgraded, removed, purged.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  BOOTABLE,
  bootMachine,
  type Machine,
  machinesMissing,
  makeRoot,
  removeRoot,
} from './support/machine.ts'
import { PASSWORD } from './support/omserver.ts'
import { debianPackage, packageAs, VERSION } from './support/packages.ts'

const reason = machinesMissing()
const LATER = '9.9.9'
const soon = { timeout: 60_000, interval: 200 }

let root: string
let folder: string
let machine: Machine

const active = async (unit: string): Promise<string> =>
  (await machine.try(`systemctl is-active ${unit}`)).stdout.trim()

const health = async (): Promise<unknown> => {
  const { stdout } = await machine.try('curl -ks --max-time 5 https://127.0.0.1:8640/api/health')
  return stdout === '' ? undefined : JSON.parse(stdout)
}

/** As root, who is signed in. */
const om = (words: string): Promise<string> => machine.sh(`om ${words}`)

beforeAll(async () => {
  if (reason) return
  folder = mkdtempSync(join(tmpdir(), 'om-deb-'))
  const [made, original] = await Promise.all([makeRoot([...BOOTABLE, 'curl']), debianPackage()])
  root = made
  const later = await packageAs(LATER, original, folder)
  machine = await bootMachine(root, 'om-deb', {
    files: [
      [original, '/root/omserver.deb'],
      [later, '/root/later.deb'],
    ],
  })
}, 300_000)
afterAll(async () => {
  await machine?.stop()
  if (root) removeRoot(root)
  if (folder) rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(reason !== undefined)(`the Debian package${reason ? ` (${reason})` : ''}`, () => {
  test('brings om, a user of its own and closed folders, and starts nothing', async () => {
    await machine.sh('dpkg --install /root/omserver.deb')
    expect(await om('--version')).toBe(`${VERSION}\n`)
    expect((await machine.sh('command -v node; command -v npm; true')).trim()).toBe('')
    expect(await active('omserver')).toBe('inactive')
    expect((await machine.try('systemctl is-enabled omserver')).stdout.trim()).toBe('disabled')
    const folders = [
      '/var/lib/omserver',
      '/etc/omserver',
      '/etc/omserver/pki',
      '/etc/omserver/nats',
      '/etc/omserver/omserver.env',
    ]
    expect(await machine.sh(`stat -c '%n %a %U:%G' ${folders.join(' ')}`)).toBe(
      [
        '/var/lib/omserver 700 omserver:omserver',
        '/etc/omserver 755 root:root',
        '/etc/omserver/pki 750 root:omserver',
        '/etc/omserver/nats 750 root:omserver-nats',
        '/etc/omserver/omserver.env 600 root:root',
        '',
      ].join('\n'),
    )
  })

  test('its units are without fault, and leave a process little', async () => {
    const most: Record<string, number> = {
      omserver: 4.5,
      'omserver-web': 2,
      'omserver-controller@sz-1': 2,
      'omserver-nats': 2,
    }
    for (const [unit, exposure] of Object.entries(most)) {
      const verified = await machine.try(`systemd-analyze verify ${unit}.service`)
      const complaints = verified.stderr
        .split('\n')
        // nats-server is not on this machine.
        .filter((line) => line !== '' && !line.includes('nats-server is not executable'))
      expect([unit, complaints]).toEqual([unit, []])
      const judged = await machine.try(
        `systemd-analyze security --no-pager --threshold=${exposure * 10} ${unit}.service`,
      )
      expect(judged.code, judged.stdout.slice(-200)).toBe(0)
    }
  })

  test('serves on loopback as the user omserver, once it is asked to', async () => {
    await machine.sh(`echo 'OM_ADMIN_PASSWORD=${PASSWORD}' >>/etc/omserver/omserver.env`)
    await machine.sh('systemctl enable --now omserver')
    await expect.poll(health, soon).toMatchObject({ status: 'ok', version: VERSION })
    const pid = (await machine.sh('systemctl show -P MainPID omserver')).trim()
    expect(await machine.sh(`ps -o user= -p ${pid}`)).toBe('omserver\n')
    expect((await machine.sh(`readlink /proc/${pid}/exe`)).trim()).toBe(
      '/usr/lib/omserver/runtime/node',
    )
    const listening = await machine.sh(
      'awk \'$4 == "0A" { print $2 }\' /proc/net/tcp /proc/net/tcp6',
    )
    expect(listening.trim()).toBe('0100007F:21C0')
  })

  test('in its unit, localhost runs commands, and a detached one outlives a restart', async () => {
    const printed = await machine.sh('journalctl -u omserver -o cat')
    const fingerprint = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(printed)?.[0] ?? ''
    await machine.sh(
      `om login https://127.0.0.1:8640 --user admin --password-stdin --fingerprint ${fingerprint}`,
      PASSWORD,
    )
    const seen = await om(
      "run shell -t localhost -p command='id -un; ps -e | wc -l; touch /tmp/mark' --yes --json",
    )
    expect(seen).toContain('"status":"succeeded"')
    // It sees the machine, not a picture of it.
    expect(await machine.sh('stat -c %U /tmp/mark')).toBe('omserver\n')
    const id = JSON.parse(
      await om(
        "run shell -t localhost -p command='touch /tmp/begun; sleep 4; echo through' --detach --timeout 11m --yes --json",
      ).then((text) => text.trim().split('\n')[0] ?? ''),
    ).id as string
    await expect.poll(async () => (await machine.try('test -e /tmp/begun')).code, soon).toBe(0)
    await machine.sh('systemctl restart omserver')
    await expect.poll(health, soon).toMatchObject({ status: 'ok' })
    expect(await om(`runs follow ${id} --json`)).toContain('"status":"succeeded"')
    expect(await om(`runs output ${id} --host localhost`)).toContain('through')
  })

  test('an upgrade restarts what runs and nothing else, and keeps data and changed settings', async () => {
    const pid = await machine.sh('systemctl show -P MainPID omserver')
    await machine.sh('dpkg --install /root/later.deb </dev/null')
    await expect.poll(health, soon).toMatchObject({ status: 'ok', version: LATER })
    expect(await machine.sh('systemctl show -P MainPID omserver')).not.toBe(pid)
    expect(await om('--version')).toBe(`${LATER}\n`)
    expect(await machine.sh('cat /etc/omserver/omserver.env')).toContain(PASSWORD)
    expect(await om('hosts list')).toContain('localhost')
    expect(await active('omserver-web')).toBe('inactive')
  })

  test('removing stops it and keeps data and settings', async () => {
    await machine.sh('dpkg --remove omserver')
    expect(await active('omserver')).toBe('inactive')
    expect((await machine.try('command -v om')).code).not.toBe(0)
    await machine.sh('test -s /var/lib/omserver/omserver.db -a -s /var/lib/omserver/secret.key')
    await machine.sh('test -e /etc/omserver/omserver.env -a ! -e /usr/lib/omserver')
    expect(await machine.sh("find /etc/systemd/system -name 'omserver*'")).toBe('')
  })

  test('purging asks nothing and leaves nothing', async () => {
    await machine.sh('dpkg --purge omserver </dev/null')
    await machine.sh('test ! -e /var/lib/omserver -a ! -e /etc/omserver')
    expect((await machine.try('getent passwd omserver omserver-nats')).stdout).toBe('')
    expect((await machine.try('dpkg --status omserver')).code).toBe(1)
  })
})
