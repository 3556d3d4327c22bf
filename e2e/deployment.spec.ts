// docs/en/deployment.md and docs/zh/deployment.md, done as they say: four machines with their own systemd, three network
// namespaces as data centres, the Debian package, a real nats-server, real sshd.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missingTools } from '../scripts/needs.ts'
import { guideBlocks } from './support/guide-blocks.ts'
import { type IdcNetwork, makeIdcNetwork } from './support/idc-network.ts'
import {
  BOOTABLE,
  bootMachine,
  type Machine,
  machinesMissing,
  makeRoot,
  removeRoot,
} from './support/machine.ts'
import { debianPackage, packageAs, VERSION } from './support/packages.ts'
import { makeKey } from './support/sshd.ts'

vi.setConfig({ testTimeout: 240_000 })

const guide = (language: string) =>
  resolve(import.meta.dirname, `../docs/${language}/deployment.md`)
const blocks = guideBlocks(guide('en'))
const missing = missingTools(['ip', 'sshd', 'ssh', 'nats-server'])
const reason =
  machinesMissing() ??
  (missing.length > 0 ? `this machine has no ${missing.join(', ')}` : undefined)

const LATER = '9.9.9'
const HUB = '10.0.0.10'
const idcs = ['sz', 'bj', 'gz'].map((name, nth) => ({
  name,
  prefix: `10.${nth + 1}`,
  addresses: ['0.11', '0.21'],
}))

let folder: string
let root: string
let network: IdcNetwork
const machines = new Map<string, Machine>()
const at = (name: string): Machine => {
  const found = machines.get(name)
  if (!found) throw new Error(`the guide has no machine called ${name}`)
  return found
}

/** What the guide takes as given: names, an sshd everywhere, and keys that log in. */
const prepare = async (machine: Machine, rootKey: string, opsKey: string): Promise<void> => {
  const names = [`${HUB} hub`, ...idcs.map(({ name, prefix }) => `${prefix}.0.11 ${name}-1`)]
  await machine.sh(
    `set -e
    cat >>/etc/hosts
    useradd --system --home-dir /run/sshd sshd
    useradd --create-home --shell /bin/sh ops
    usermod --password '*' ops
    mkdir -p -m 700 /root/.ssh /etc/ssh
    echo '${rootKey}' >/root/.ssh/authorized_keys
    install -d -o ops -m 700 /home/ops/.ssh
    echo '${opsKey}' >/home/ops/.ssh/authorized_keys
    printf '%s\\n' 'PermitRootLogin prohibit-password' 'Subsystem sftp internal-sftp' >/etc/ssh/sshd_config
    echo 'StrictHostKeyChecking accept-new' >/etc/ssh/ssh_config
    ssh-keygen -A >/dev/null
    systemctl start ssh`,
    `${names.join('\n')}\n`,
  )
}

beforeAll(async () => {
  if (reason) return
  folder = mkdtempSync(join(tmpdir(), 'om-guide-'))
  const packages = [...BOOTABLE, 'openssh-server', 'openssh-client', 'nats-server', 'curl']
  const [made, deb] = await Promise.all([makeRoot(packages), debianPackage()])
  root = made
  const later = await packageAs(LATER, deb, folder)
  network = makeIdcNetwork(HUB, idcs)
  const [rootKey, opsKey] = [makeKey(), makeKey()]
  const start = async (name: string, namespace: string) => {
    const files = [
      [deb, `/root/omserver_${VERSION}_amd64.deb`],
      [later, `/root/upgrade/omserver_${LATER}_amd64.deb`],
    ] as const
    const machine = await bootMachine(root, name, {
      network: namespace,
      files: name === 'hub' ? files : [],
    })
    machines.set(name, machine)
    await prepare(machine, rootKey.publicKey, opsKey.publicKey)
  }
  await Promise.all([
    start('hub', network.hub),
    ...idcs.map(({ name }) => start(`${name}-1`, network.namespaceOf(name))),
  ])
  await at('hub').sh('umask 077; cat >/root/.ssh/id_ed25519', rootKey.privateKey)
  await at('hub').sh('umask 077; cat >/root/ops.key', opsKey.privateKey)
}, 300_000)

afterAll(async () => {
  await Promise.all([...machines.values()].map((machine) => machine.stop()))
  network?.remove()
  if (root) removeRoot(root)
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const password = async (): Promise<string> => {
  const printed = await at('hub').sh('journalctl -u omserver -o cat')
  return /one-time password (\S+)/.exec(printed)?.[1] ?? ''
}

/** A person answers `om login`; a test says beforehand what he would. */
const answered = async (script: string): Promise<{ script: string; input: string }> => {
  if (!script.includes('om login')) return { script, input: '' }
  const printed = await at('hub').sh('journalctl -u omserver -o cat')
  const fingerprint = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(printed)?.[0] ?? ''
  return {
    script: script.replace(/^om login .*$/m, `$& --password-stdin --fingerprint ${fingerprint}`),
    input: await password(),
  }
}

const serverIsUp = async (): Promise<void> => {
  await expect
    .poll(async () => (await at('hub').try('curl -kfs https://127.0.0.1:8640/api/health')).code, {
      timeout: 60_000,
      interval: 200,
    })
    .toBe(0)
}

/** Block after block, each whole, stopping at the first command that fails; what they printed. */
const follow = async (note: string, from: number, to: number): Promise<string> => {
  let said = ''
  for (const block of blocks.filter((one) => one.note === note).slice(from, to)) {
    const { script, input } = await answered(block.script)
    const where = note === '' ? '/root' : `/root/${note}`
    said += await at(block.machine).sh(`set -e\ncd ${where}\n${script}`, input)
    // Those who read take a moment, too.
    if (/systemctl .*omserver(-web)?$|dpkg/m.test(script)) await serverIsUp()
  }
  return said
}

test('the guide says the same in both languages', () => {
  expect(existsSync(guide('zh'))).toBe(true)
  expect(guideBlocks(guide('zh'))).toEqual(blocks)
  expect(blocks.length).toBeGreaterThan(8)
})

describe.skipIf(reason !== undefined)(`the deployment guide${reason ? ` (${reason})` : ''}`, () => {
  const apart = blocks.findIndex(({ script }) => script.includes('om pki init'))

  test('one machine reaches the hosts of all data centres', async () => {
    expect(await follow('', 0, apart)).toMatch(/3\/3 +ok 3/)
  })

  test('with a controller in each data centre, every host is reached by its own', async () => {
    const said = await follow('', apart, blocks.length)
    expect(said).toMatch(/3\/3 +ok 3/)
    // Whoever logged in last was in the same data centre.
    for (const { name, prefix } of idcs) {
      const logins = await at(`${name}-1`).sh(
        'journalctl -u ssh -o cat | grep "Accepted publickey for ops"',
      )
      expect(logins.trim().split('\n').at(-1)).toContain(` from ${prefix}.0.`)
    }
  })

  test('server and controller are upgraded one after the other, and a run goes through', async () => {
    await follow('upgrade', 0, blocks.length)
    const versions = async () => {
      const { items } = JSON.parse(await at('hub').sh('om controllers --json')) as {
        items: { name: string; presence: { version: string } | null }[]
      }
      return items.map(({ name, presence }) => `${name} ${presence?.version}`).sort()
    }
    // A controller that is restarted is away for a moment.
    await expect
      .poll(versions, { timeout: 60_000, interval: 500 })
      .toEqual([`bj-1 ${VERSION}`, `gz-1 ${VERSION}`, `sz-1 ${LATER}`])
    expect(await at('hub').sh('om run system.uptime -t app=nginx --json')).toContain('"ok":3')
  })
})
