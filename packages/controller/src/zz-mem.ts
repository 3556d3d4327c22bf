import { makeKey } from '../../../e2e/support/sshd.ts'
import { sshDriver } from './drivers/ssh/driver.ts'
import { Secret } from '@omserver/core'
import { writeHeapSnapshot } from 'node:v8'
const key = makeKey()
const secret = new Secret(key.privateKey)
const driver = sshDriver({ clock: { now: Date.now, monotonic: () => performance.now() }, secrets: { open: async () => { throw new Error() }, credential: async () => ({ id: 'c', version: 1, user: 'x', kind: 'ssh-key', privateKey: secret }) } })
const gc = (globalThis as any).gc
const open = async (from: number, to: number) => { let i = from; let ok = 0; await Promise.all(Array.from({ length: 48 }, async () => { while (i < to) { const k = i++; const end = await driver.carryOut({ runId: 'r', host: { hostId: 'h', name: 'h', access: { address: `127.9.${k >> 7}.${(k & 127) + 1}`, port: 22299, credentialId: 'c' }, jumps: [], vars: {} }, action: { kind: 'shell', command: ['echo hello'] }, connectTimeoutMs: 60000 }, { started: async () => {}, output: () => undefined, step() {}, keySeen() {} }, new AbortController().signal); if (end.state === 'ok') ok++; else console.log(end) } })); return ok }
const mem = async () => { for (let r = 0; r < 3; r++) { gc(); await new Promise((r) => setTimeout(r, 150)) } const m = process.memoryUsage(); return { n: driver.openConnections(), rss: m.rss, heap: m.heapUsed, ext: m.external } }
await open(1, 101); await mem()
await open(101, 501); let a = await mem()
for (const to of process.argv[2] ? [+process.argv[2]] : [2501]) {
await open(501, to); const b = await mem()
const d = b.n - a.n
console.log('opened', b.n, 'KB per connection: rss', ((b.rss - a.rss) / d / 1024).toFixed(1), 'heap', ((b.heap - a.heap) / d / 1024).toFixed(1), 'external', ((b.ext - a.ext) / d / 1024).toFixed(1), 'rss MB', (b.rss / 1048576).toFixed(0))
}
if (process.env.SNAP) writeHeapSnapshot('/tmp/snap.heapsnapshot')
process.exit(0)
