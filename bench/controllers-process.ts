// Controllers in a process of its own, as many as it is told: simulated hosts only. What its parent asks for it prints.
// node bench/controllers-process.ts '{"pki": DIR, "idc": IDC, "names": [NAME, …], "slots": N}'

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createIntroduction, simDriver, startController } from '@omserver/controller'
import { ABORT_SIGNAL, connectNatsEngine, controllerSealing, signingOf } from '@omserver/engine'

interface Told {
  readonly pki: string
  readonly idc: string
  readonly names: readonly string[]
  /** Hosts in flight at once, of each. */
  readonly slots: number
  readonly url: string
}

const told = JSON.parse(process.argv[2] ?? '') as Told
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const quiet = { info: () => undefined, warn: () => undefined, error: console.error }

const start = async (name: string): Promise<void> => {
  const folder = join(told.pki, name)
  const tls = {
    caFile: join(folder, 'ca.crt'),
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
  }
  const signing = await signingOf({ tls }, clock)
  if (!signing) throw new Error(`${folder} has no certificate`)
  const proof = { verifier: signing, now: clock.now }
  const sealing = await controllerSealing(readFileSync(join(folder, 'seal.key'), 'utf8'), proof)
  const engine = await connectNatsEngine({
    servers: told.url,
    identity: name,
    role: 'controller',
    sealing,
    signing,
    tls,
  })
  await startController({
    engine,
    idcs: [told.idc],
    name,
    sealKey: sealing.publicKey,
    introduce: createIntroduction(signing, { name, sealKey: sealing.publicKey }, clock),
    drivers: [simDriver()],
    maxInFlight: told.slots,
    clock,
    log: quiet,
  })
  // The clock that all processes of a machine share.
  if (told.names.length > 1) return
  const tell = (key: string): void => {
    process.stdout.write(`${JSON.stringify({ key, at: Number(process.hrtime.bigint()) })}\n`)
  }
  await engine.intent.watch(told.idc, tell)
  await engine.bus.on(told.idc, ABORT_SIGNAL, (data) => {
    const { runId } = data as { readonly runId: string }
    tell(`run:${runId}`)
  })
}

for (const name of told.names) await start(name)
process.stdout.write('ready\n')
