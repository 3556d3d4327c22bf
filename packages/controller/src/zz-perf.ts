import { startSshd } from '../../../e2e/support/sshd.ts'
import { makeAccount } from '../../../e2e/support/account.ts'
import { sshDriver } from './drivers/ssh/driver.ts'
import { readFileSync } from 'node:fs'
import { Secret } from '@omserver/core'
const N = Number(process.argv[2] ?? 200), cmd = 'echo hello', rounds = Number(process.argv[3] ?? 3)
const account = makeAccount({ shell: '/bin/dash' })
const sshd = await startSshd()
const busy = () => { const f = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number); return (f[0]! + f[1]! + f[2]! + f[5]! + f[6]!) * 10 }
const make = () => sshDriver({ clock: { now: Date.now, monotonic: () => performance.now() }, secrets: {
  open: async () => { throw new Error() }, credential: async (id) => ({ id, version: 1, user: account.name, kind: 'ssh-key', privateKey: new Secret(sshd.key.privateKey) }) } })
let driver = make()
const one = async (i: number) => {
  let out = ''
  const end = await driver.carryOut({ runId: 'r', host: { hostId: 'h' + i, name: 'h', access: { address: sshd.address(i), port: sshd.port, credentialId: 'c', hostKey: sshd.hostKeys[0] }, jumps: [], vars: {} },
    action: { kind: 'shell', command: [cmd] }, connectTimeoutMs: 30000 }, { started: async () => {}, output: (_s, b) => { out += b; return undefined }, step() {}, keySeen(k) { console.log(k) } }, new AbortController().signal)
  return { end, out }
}
const sweep = async (label: string) => {
  const u = process.cpuUsage(), t = performance.now(), b = busy()
  const results: any[] = []; let i = 0
  await Promise.all(Array.from({ length: 64 }, async () => { while (i < N) { const k = i++; results.push(await one(k)) } }))
  const c = process.cpuUsage(u), wall = performance.now() - t
  const ok = results.filter((r) => r.end.state === 'ok' && r.out.startsWith('hello')).length
  console.log(label, 'ok', ok, '/', N, 'hosts/s', (N / wall * 1000).toFixed(0), 'client CPU ms/host', ((c.user + c.system) / 1000 / N).toFixed(2), 'machine busy cores', ((busy() - b) / wall).toFixed(2), 'all CPU ms/host', ((busy() - b) / N).toFixed(1))
  if (ok < N) console.log(results.find((r) => r.end.state !== 'ok'))
}
for (let r = 0; r < rounds; r++) {
  await sweep("cold"); for (let r = 0; r < Number(process.argv[4] ?? 3); r++) await sweep('warm')
  await driver.close(); driver = make(); await new Promise((r) => setTimeout(r, 500))
}
await driver.close(); await sshd.stop(); account.remove()
