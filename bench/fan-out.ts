// A command on N real sshd hosts: OMServer against the tools people use, interleaved in rounds, cold and warm.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { credentialRoutes, hostRoutes } from '@omserver/api'
import { startOmServer } from '../e2e/support/omserver.ts'
import { startSshd } from '../e2e/support/sshd.ts'
import { median, round, table } from './measure.ts'
import { clientOf, timeRun } from './om-run.ts'

const run = promisify(execFile)
const FAN_OUT = 64
const COMMAND = 'echo hello'

interface Peer {
  readonly name: string
  readonly program: string
  readonly args: (hosts: readonly string[]) => readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const has = async (program: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  )

export const benchFanOut = async (hostCount: number, rounds: number): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'om-bench-'))
  const sshd = await startSshd({ config: ['MaxStartups 500', 'MaxSessions 100'] })
  const server = await startOmServer()
  try {
    const client = clientOf(server)
    const key = join(folder, 'key')
    writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
    await client.call(credentialRoutes.add, {
      body: { name: 'bench', type: 'ssh-key', user: sshd.user, key: sshd.key.privateKey },
    })
    const plain = `-i ${key} -p ${sshd.port} -l ${sshd.user} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes`
    const tuned = `${plain} -o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-gcm@openssh.com`
    const pdsh = (name: string, options: string): Peer => ({
      name,
      program: 'pdsh',
      args: (hosts) => ['-R', 'ssh', '-f', String(FAN_OUT), '-w', hosts.join(','), COMMAND],
      env: { PDSH_SSH_ARGS: `${options} %h` },
    })
    const inventory = join(folder, 'inventory')
    const peers: readonly Peer[] = [
      pdsh('pdsh', plain),
      pdsh('pdsh, curve25519 and aes128-gcm', tuned),
      {
        name: 'clush',
        program: 'clush',
        args: (hosts) => ['-f', String(FAN_OUT), '-o', plain, '-w', hosts.join(','), COMMAND],
      },
      {
        name: 'ansible -m raw',
        program: 'ansible',
        args: (hosts) => {
          writeFileSync(inventory, hosts.join('\n'))
          return [
            'all',
            '-i',
            inventory,
            '-f',
            String(FAN_OUT),
            '-m',
            'raw',
            '-a',
            COMMAND,
            '--ssh-common-args',
            plain,
          ]
        },
        env: {
          ANSIBLE_HOST_KEY_CHECKING: 'False',
          ANSIBLE_SSH_ARGS: '-o ControlMaster=no -o ControlPersist=no',
        },
      },
    ]
    const present = []
    for (const peer of peers) if (await has(peer.program)) present.push(peer)
    const walls = new Map<string, number[]>()
    const note = (name: string, ms: number) => walls.set(name, [...(walls.get(name) ?? []), ms])
    const cpus: { cold: number[]; warm: number[] } = { cold: [], warm: [] }
    for (let turn = 0; turn < rounds; turn += 1) {
      // A range of addresses of its own each round: no connection of an earlier one is open.
      const lines = Array.from(
        { length: hostCount },
        (_, n) => `r${turn}-${n},${sshd.address(turn * hostCount + n)},${sshd.port},bench,r${turn}`,
      )
      const content = Buffer.from(
        `name,address,port,credential,label:round\n${lines.join('\n')}`,
      ).toString('base64')
      await client.call(hostRoutes.import, { body: { content, format: 'csv' } })
      const input = {
        module: 'shell',
        params: { command: COMMAND },
        selector: `round=r${turn}`,
        strategy: { concurrency: hostCount },
      }
      const cold = await timeRun(server, client, input, hostCount)
      if (cold.counts['ok'] !== hostCount) throw new Error(`cold: ${JSON.stringify(cold.counts)}`)
      note('OMServer, cold', cold.wallMs)
      cpus.cold.push(cold.cpuMs / hostCount)
      for (let n = 0; n < 10; n += 1) {
        const warm = await timeRun(server, client, input, hostCount)
        if (warm.counts['ok'] !== hostCount) throw new Error(`warm: ${JSON.stringify(warm.counts)}`)
        note('OMServer, connections open', warm.wallMs)
        cpus.warm.push(warm.cpuMs / hostCount)
      }
      const hosts = Array.from({ length: hostCount }, (_, n) => sshd.address(turn * hostCount + n))
      for (const peer of present) {
        const begun = performance.now()
        const { stdout } = await run(peer.program, [...peer.args(hosts)], {
          env: { ...process.env, ...peer.env },
          maxBuffer: 64 * 1024 * 1024,
        })
        const answered = stdout.match(/hello/g)?.length ?? 0
        if (answered < hostCount)
          throw new Error(`${peer.name}: ${answered} of ${hostCount} answered`)
        note(peer.name, performance.now() - begun)
      }
    }
    const rate = (name: string) => (hostCount * 1000) / median(walls.get(name) ?? [Number.NaN])
    const base = rate('pdsh')
    const rows = [...walls.keys()].map((name) => [
      name,
      round(rate(name), 1),
      round(rate(name) / base, 2),
      name === 'OMServer, cold'
        ? round(median(cpus.cold), 2)
        : name.startsWith('OMServer')
          ? round(median(cpus.warm), 2)
          : '',
    ])
    return table(
      [
        `${hostCount} sshd hosts, fan-out ${FAN_OUT}, ${rounds} rounds`,
        'hosts/s',
        '× pdsh',
        'OMServer CPU ms a host',
      ],
      rows,
    )
  } finally {
    await server.remove()
    await sshd.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
