// Playbooks through both versions of Ansible against a real sshd: what is told of each host, and what must not happen.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { PlaybookAction, TargetHost } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountsMissing, makeAccount, sudoMissing } from '../../../../../e2e/support/account.ts'
import { carryTogether, type Heard } from '../conformance/carry-together.ts'
import { carry, eventually, shell } from '../conformance/case-kit.ts'
import { installations, type Lab, openLab } from './ansible.fixture.ts'

const LIMIT = { timeout: 180_000 }

/** Stores a project and names its playbook `site.yml`. */
const project = (
  lab: Lab,
  playbook: string,
  files: Record<string, string> = {},
): PlaybookAction => {
  const folder = mkdtempSync(join(lab.folder, 'project-'))
  for (const [name, text] of Object.entries({ 'site.yml': playbook, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return stored(lab, execFileSync('tar', ['-cz', '-C', folder, '.']))
}

const stored = (lab: Lab, archive: Buffer): PlaybookAction => {
  const blob = createHash('sha256').update(archive).digest('hex')
  lab.blobs.set(blob, archive)
  const source = { blob, size: archive.length }
  return { kind: 'playbook', project: 'p', source, playbook: 'site.yml', vars: {} }
}

const play = (
  { driver }: Lab,
  action: PlaybookAction,
  hosts: readonly TargetHost[],
  more: { readonly check?: true; readonly signal?: AbortSignal } = {},
): Promise<readonly Heard[]> => carryTogether(driver, action, hosts, more)

const commandLines = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      } catch {
        return ''
      }
    })
    .join('\n')

describe.each(installations)('ansible $name', ({ bin, missing }) => {
  let lab: Lab
  beforeAll(async () => {
    if (!missing) lab = await openLab({ bin })
  })
  afterAll(() => lab?.close())

  test(
    'each host tells its tasks and items, and ends by its own account',
    LIMIT,
    async ({ skip }) => {
      if (missing) skip(`this machine has no ${missing}`)
      const action = project(
        lab,
        `
- hosts: app_nginx
  gather_facts: false
  tasks:
    - name: say
      debug: {msg: '{{ text }}'}
    - name: many
      command: echo {{ item }}
      changed_when: false
      loop: [a, b]
    - name: hidden
      command: echo {{ secret }}
      no_log: true
    - name: not now
      command: 'false'
      when: false
    - name: large
      shell: head -c 1500000 /dev/zero | tr '\\0' x; head -c 1500000 /dev/zero | tr '\\0' y
    - name: forgiven
      command: 'false'
      ignore_errors: true
    - name: bad on one
      shell: echo no such disk >&2; exit 4
      when: inventory_hostname == 'web-1'
`,
        { 'ansible.cfg': '[defaults]\nstdout_callback = not_there\nremote_user = nobody\n' },
      )
      const text = `{{ 1 + 1 }} {% raw %} "q" 'q' $HOME\n中文 \u2028 \\n`
      const dead = lab.host(2)
      const [one, two, three] = await play(
        lab,
        { ...action, vars: { text, secret: lab.secret('s3cret-of-the-play') } },
        [lab.host(0), lab.host(1), { ...dead, access: { ...dead.access, port: 1 } }],
      )
      expect(one?.end).toEqual({ state: 'ok', exit: 0, changed: true })
      expect(two?.end).toEqual({
        state: 'failed',
        reason: 'taskFailed',
        exit: 4,
        changed: true,
        message: 'bad on one: no such disk',
      })
      expect(three?.end).toMatchObject({ state: 'unreachable', reason: 'refused' })
      expect(three?.started).toBe(0)
      expect(
        two?.steps.map(({ name, item, state, changed }) => [name, item, state, changed]),
      ).toEqual([
        ['say', undefined, 'ok', false],
        ['many', 'a', 'ok', false],
        ['many', 'b', 'ok', false],
        ['hidden', undefined, 'ok', true],
        ['not now', undefined, 'skipped', false],
        ['large', undefined, 'ok', true],
        ['forgiven', undefined, 'failed', true],
        ['bad on one', undefined, 'failed', true],
      ])
      expect(two?.steps.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      expect(one?.text).toContain(text.trimEnd())
      expect(one?.text).not.toContain('s3cret-of-the-play')
      expect(one?.missed).toBe(3_000_000 - 65_536)
      expect(one?.text).toContain('yyy\n')
      expect((one?.text ?? '').length).toBeLessThan(80_000)
    },
  )

  test('a check changes nothing and shows what would change', LIMIT, async ({ skip }) => {
    if (missing) skip(`this machine has no ${missing}`)
    const file = join(lab.folder, 'checked')
    writeFileSync(file, 'old\n')
    const action = project(
      lab,
      `- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: {dest: ${file}, content: "new\\n"}\n      tags: [here]\n    - command: touch ${file}.touched\n      tags: [other]\n`,
    )
    const [heard] = await play(lab, { ...action, tags: ['here'] }, [lab.host(0)], { check: true })
    expect(heard?.end).toEqual({ state: 'ok', exit: 0, changed: true })
    expect(heard?.steps).toHaveLength(1)
    expect(heard?.steps[0]?.diff).toMatch(/-old\n\+new\n/)
    // Nothing of it differs from play to play.
    expect(heard?.steps[0]?.diff).not.toContain('ansible-local-')
    expect(readFileSync(file, 'utf8')).toBe('old\n')
  })

  test(
    'an aborted play ends in time, leaves no process and no file, and says what it does not know',
    LIMIT,
    async ({ skip }) => {
      if (missing) skip(`this machine has no ${missing}`)
      const marker = join(lab.folder, 'begun')
      const action = project(
        lab,
        `- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: echo x >>${marker}; exec sleep 20\n`,
      )
      const stop = new AbortController()
      const secret = `s3cret-${Math.random()}`
      const playing = play(
        lab,
        {
          ...action,
          vars: { secret: lab.secret(secret) },
          vaultPassword: lab.secret(`${secret}-vault`),
        },
        [lab.host(0), lab.host(1)],
        { signal: stop.signal },
      )
      const ofPlay = (): string[] =>
        commandLines()
          .split('\n')
          .filter((line) => /\/om-\w{6}\b/.test(line) && line.includes('inventory.yml'))
      for (let waited = 0; !existsSync(marker) && waited < 600; waited++) {
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const box =
        /\/[\w/]+\/om-\w{6}(?=\/inventory.yml)/.exec(
          ofPlay().find((line) => line.includes(`${bin}/`)) ?? '',
        )?.[0] ?? ''
      expect(existsSync(box)).toBe(true)
      expect(commandLines()).not.toContain(secret)
      const from = performance.now()
      stop.abort('abort')
      const heard = await playing
      expect(performance.now() - from).toBeLessThan(2_000)
      expect(heard.map(({ end }) => end?.leftRunning)).toEqual(['unknown', 'unknown'])
      await eventually('its processes are gone', () => !commandLines().includes(box))
      await eventually('its folder is gone', () => !existsSync(box))
    },
  )

  test('a host that is lost after a task has failed', LIMIT, async ({ skip }) => {
    if (missing) skip(`this machine has no ${missing}`)
    const marker = join(lab.folder, 'reached')
    const action = project(
      lab,
      `- hosts: all\n  gather_facts: false\n  tasks:\n    - command: 'true'\n    - shell: echo x >${marker}; sleep 20\n`,
    )
    const playing = play(lab, action, [lab.host(0)])
    for (let waited = 0; !existsSync(marker) && waited < 600; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    lab.sshd.killConnections()
    const [heard] = await playing
    expect(heard?.end).toMatchObject({ state: 'failed', reason: 'connectionCut' })
  })

  test('what cannot be played says why', LIMIT, async ({ skip }) => {
    if (missing) skip(`this machine has no ${missing}`)
    const good = '- hosts: all\n  gather_facts: false\n  tasks: [{command: "true"}]\n'
    const ends = async (action: PlaybookAction, host = lab.host(0)) =>
      (await play(lab, action, [host]))[0]?.end
    const [prompt, broken, nobody, limited, own, file, named, absent, encrypted] =
      await Promise.all([
        ends(
          project(
            lab,
            '- hosts: all\n  vars_prompt: [{name: answer, prompt: what}]\n  tasks: []\n',
          ),
        ),
        ends(project(lab, '- hosts: all\n  tasks:\n    - debug: msg=x\n   oops\n')),
        ends(project(lab, '- hosts: nowhere\n  tasks: []\n')),
        ends({ ...project(lab, good), limit: 'web-7' }),
        ends({ ...project(lab, good), vars: { ansible_user: 'x' } }),
        ends({ ...project(lab, good), limit: '@/etc/passwd' }),
        ends(project(lab, good), { ...lab.host(0), name: 'web-[1:3]' }),
        ends({ ...project(lab, good), playbook: '../site.yml' }),
        ends(
          project(lab, good, {
            'group_vars/all.yml': '$ANSIBLE_VAULT;1.1;AES256\n3332\n',
          }),
        ),
      ])
    for (const end of [prompt, broken, own, file, named, absent]) {
      expect(end).toMatchObject({ state: 'failed', reason: 'playbookError' })
    }
    expect(prompt?.message).toContain('"answer"')
    expect(broken?.message).toMatch(/yaml/i)
    expect(broken?.message).toContain('site.yml')
    expect(broken?.message).not.toContain(lab.folder)
    expect(nobody).toMatchObject({ state: 'skipped', reason: 'notInPlay' })
    expect(limited).toMatchObject({ state: 'failed', reason: 'playbookError' })
    expect(limited?.message).toContain('limit')
    expect(own?.message).toContain('ansible_user')
    expect(named?.message).toContain('pattern')
    expect(encrypted?.message).toContain('vault')
  })

  test(
    'a key that was never pinned is reported, another than the pinned one is refused',
    LIMIT,
    async ({ skip }) => {
      if (missing) skip(`this machine has no ${missing}`)
      const action = project(
        lab,
        '- hosts: all\n  gather_facts: false\n  tasks: [{command: "true"}]\n',
      )
      const host = lab.host(0)
      const jump = lab.host(4).access
      const { hostKey: _, ...unpinned } = host.access
      const [first] = await play(lab, action, [{ ...host, access: unpinned, jumps: [jump] }])
      expect(first?.end?.state).toBe('ok')
      const { address, port } = host.access
      const seen = { hop: 0, address, port, hostKey: lab.sshd.hostKeys[0] }
      expect(first?.keys).toEqual([{ ...seen, changed: false }])
      const other = {
        type: 'ssh-ed25519',
        key: 'AAAAC3NzaC1lZDI1NTE5AAAAIKf8Q8c8v0iLw2b7x3Pj4gqjvJ0m9m1QJ8tq8w0oYb1k',
      }
      const [changed] = await play(lab, action, [
        { ...host, access: { ...host.access, hostKey: other } },
      ])
      expect(changed?.end).toMatchObject({ state: 'unreachable', reason: 'hostKeyChanged' })
      expect(changed?.keys).toEqual([{ ...seen, changed: true }])
      expect(changed?.started).toBe(0)
    },
  )

  test('on the machine of the controller itself it needs no login', LIMIT, async ({ skip }) => {
    if (missing) skip(`this machine has no ${missing}`)
    const action = project(lab, '- hosts: all\n  tasks: [{command: echo here}]\n')
    const [heard] = await play(lab, action, [
      { ...lab.host(0), access: { address: '127.0.0.1', port: 1 }, isController: true },
    ])
    expect(heard?.end?.state).toBe('ok')
    expect(heard?.text).toContain('here')
  })

  test(
    'passwords for the login and for sudo reach who asks for them, and no command line',
    LIMIT,
    async ({ skip }) => {
      const lacking = missing || accountsMissing() || sudoMissing()
      if (lacking) skip(lacking)
      const account = makeAccount({ sudo: 'asked' })
      const own = await openLab(
        { bin },
        { account, config: ['PasswordAuthentication yes', 'UsePAM yes'] },
      )
      try {
        const runAs = {
          user: 'root',
          method: 'sudo',
          password: own.secret(account.password),
        } as const
        const host = own.host(0)
        const harness = { driver: own.driver, host, secret: own.secret }
        const text = 'id -un; printf %s "$LOOK" | grep -lFa -f - /proc/[0-9]*/cmdline | wc -l'
        const env = { LOOK: own.secret(account.password) }
        const carried = await carry(harness, shell(text, { runAs, env }))
        expect(carried.stdout.toString()).toBe('root\n0\n')
        expect(carried.end).toEqual({ state: 'ok', exit: 0 })
        const su = {
          user: account.name,
          method: 'su',
          password: own.secret(account.password),
        } as const
        expect((await carry(harness, shell('id -un', { runAs: su }))).stdout.toString()).toBe(
          `${account.name}\n`,
        )
        const wrong = { ...runAs, password: own.secret('wrong') }
        const refused = await carry(harness, shell('id -un', { runAs: wrong }))
        expect(refused.end).toMatchObject({ state: 'failed', reason: 'runAsRefused' })
        const playbook = '- hosts: all\n  gather_facts: false\n  tasks: [{command: id -un}]\n'
        const [heard] = await play(own, { ...project(own, playbook), runAs }, [host])
        expect(heard?.end?.state).toBe('ok')
        expect(heard?.text).toContain('\nroot\n')
      } finally {
        await own.close()
        account.remove()
      }
    },
  )

  test('health names the version', LIMIT, async ({ skip }) => {
    if (missing) skip(`this machine has no ${missing}`)
    const health = await lab.driver.health()
    expect(health).toMatchObject({ ok: true, problems: [] })
    expect(health.version).toMatch(/^ansible-core 2\.\d+\.\S+ OpenSSH/)
  })
})

describe('without a fitting Ansible', () => {
  const fake = (folder: string, text: string): string => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'ansible-playbook'), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return folder
  }

  test('hosts end with what is wrong and how to mend it', LIMIT, async () => {
    const lab = await openLab({ bin: '/not/there' })
    const [heard] = await play(lab, project(lab, ''), [lab.host(0)])
    expect(heard?.end).toMatchObject({ state: 'failed', reason: 'driverError' })
    expect(heard?.end?.message).toMatch(/no ansible-playbook in \/not\/there.*OM_ANSIBLE/)
    expect(heard?.started).toBe(0)
    const old = await openLab({
      bin: fake(join(lab.folder, 'old'), 'echo "ansible-playbook 2.9.27"'),
    })
    expect((await old.driver.health()).problems[0]).toMatch(/2\.9\.27 is too old, 2\.14/)
    const broken = await openLab({
      bin: fake(join(lab.folder, 'broken'), 'echo "no module named yaml" >&2; exit 1'),
    })
    expect(await broken.driver.health()).toMatchObject({ ok: false })
    expect((await broken.driver.health()).problems[0]).toContain('no module named yaml')
    for (const one of [broken, old, lab]) await one.close()
  })
})
