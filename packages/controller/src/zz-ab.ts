import { fork } from 'node:child_process'
import { startSshd } from '../../../e2e/support/sshd.ts'
import { makeAccount } from '../../../e2e/support/account.ts'
const N = 200
if (process.env.AB) {
  const { port, user, key, hostKey, mode } = JSON.parse(process.env.AB)
  const addr = (n: number) => `127.7.${Math.floor(n / 250)}.${(n % 250) + 1}`
  let open: (i: number) => Promise<any>, exec: (c: any, i: number) => Promise<string>
  if (mode === 'raw') {
    const ssh2 = (await import('ssh2')).default
    const parsed: any = ssh2.utils.parseKey(key)
    open = (i) => new Promise((res, rej) => { const c = new ssh2.Client(); c.once('ready', () => res(c)); c.on('error', rej); c.connect({ host: addr(i), port, username: user, authHandler: [{ type: 'publickey', username: user, key: parsed }] as any, readyTimeout: 120000, hostVerifier: () => true } as any) })
    exec = (c) => new Promise((res, rej) => c.exec("exec /bin/sh -c 'echo hello' </dev/null", (e: any, ch: any) => { if (e) return rej(e); let o = ''; ch.on('data', (d: Buffer) => { o += d }).on('close', () => res(o)); ch.stderr.resume() }))
  } else {
    const { sshDriver } = await import('./drivers/ssh/driver.ts'); const { Secret } = await import('@omserver/core')
    const login = { id: 'c', version: 1, user, kind: 'ssh-key' as const, privateKey: new Secret(key) }
    const driver = sshDriver({ clock: { now: Date.now, monotonic: () => performance.now() }, secrets: { open: async () => { throw new Error() }, credential: async () => login } })
    open = async () => undefined
    exec = async (_c, i) => { let out = ''; await driver.carryOut({ runId: 'r', host: { hostId: 'h', name: 'h', access: { address: addr(i), port, credentialId: 'c', hostKey }, jumps: [], vars: {} }, action: { kind: 'shell', command: ['echo hello'] }, connectTimeoutMs: 60000 }, { started: async () => {}, output: (_s, b) => { out += Buffer.from(b).toString(); return undefined }, step() {}, keySeen() {} }, new AbortController().signal); return out }
  }
  const conns: any[] = []; const line: string[] = []
  const sweep = async (fn: (i: number) => Promise<void>) => { const u = process.cpuUsage(), t = performance.now(); let i = 0; await Promise.all(Array.from({ length: 64 }, async () => { while (i < N) await fn(i++) })); const c = process.cpuUsage(u); return `${((c.user + c.system) / 1000 / N).toFixed(2)} (${(N / (performance.now() - t) * 1000).toFixed(0)}/s)` }
  let good = 0
  line.push('cold ' + await sweep(async (i) => { conns[i] = await open(i); if ((await exec(conns[i], i)) === 'hello\n') good++ }))
  for (let r = 0; r < 5; r++) line.push(await sweep(async (i) => { if ((await exec(conns[i], i)) === 'hello\n') good++ }))
  console.log(mode.padEnd(5), good === N * 6 ? 'all ok' : `ok ${good}`, line.join('  '))
  process.exit(0)
}
const account = makeAccount({ shell: '/bin/dash' }); const sshd = await startSshd()
for (let r = 0; r < Number(process.argv[2] ?? 3); r++) for (const mode of ['raw', 'own']) {
  await new Promise((res) => fork(process.argv[1]!, { env: { ...process.env, AB: JSON.stringify({ port: sshd.port, user: account.name, key: sshd.key.privateKey, hostKey: sshd.hostKeys[0], mode }) } }).once('exit', res))
  await new Promise((r) => setTimeout(r, 500))
}
await sshd.stop(); account.remove()
