// What the run page costs a browser while 50,000 hosts answer.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runRoutes } from '@omserver/api'
import type { CDPSession } from 'playwright-core'
import { desktop, openBrowser, openContext, signIn } from '../e2e/support/browser.ts'
import { startOmServer } from '../e2e/support/omserver.ts'
import { memoryMb, round, table } from './measure.ts'
import { clientOf } from './om-run.ts'
import { addFleet, simulated } from './simulated.ts'

interface Sample {
  readonly second: number
  readonly nodes: number
  readonly scriptS: number
  readonly taskS: number
  readonly heapMb: number
}

const metricsOf = async (cdp: CDPSession): Promise<ReadonlyMap<string, number>> => {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}

/** The page's renderer: the largest child of the browser that calls itself one. */
const rendererMb = async (cdp: CDPSession): Promise<number> => {
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => {
      const shared = readFileSync(`/proc/${id}/status`, 'latin1')
      const anonymous = Number(/RssAnon:\s+(\d+)/.exec(shared)?.[1] ?? 0) / 1024
      return anonymous > 0 ? anonymous : memoryMb(id).now
    })
  return Math.max(...sizes)
}

export const benchBrowser = async (hosts: number): Promise<string> => {
  const server = await startOmServer()
  const browser = await openBrowser()
  try {
    const client = clientOf(server)
    await addFleet(client, hosts)
    const context = await openContext(browser, { ...desktop, lang: 'zh', theme: 'light' })
    const page = await context.newPage()
    await signIn(page, server)
    // Hosts answer over half a minute, as a fleet does, and not in one burst.
    const body = {
      ...simulated(`sim-[0-${hosts - 1}]`, 'sim:chunks=5,bytes=200,delay=1000'),
      confirmHosts: hosts,
    }
    const launched = performance.now()
    const run = await client.call(runRoutes.launch, { body })
    await page.goto(`${server.url}/runs/${run.id}`)
    const cdp = await context.newCDPSession(page)
    await cdp.send('Performance.enable')
    const whole = await browser.newBrowserCDPSession()
    const samples: Sample[] = []
    const begun = performance.now()
    let over = false
    while (!over) {
      await sleep(1000)
      const metrics = await metricsOf(cdp)
      samples.push({
        second: (performance.now() - begun) / 1000,
        nodes: metrics.get('Nodes') ?? Number.NaN,
        scriptS: metrics.get('ScriptDuration') ?? Number.NaN,
        taskS: metrics.get('TaskDuration') ?? Number.NaN,
        heapMb: (metrics.get('JSHeapUsedSize') ?? Number.NaN) / 1024 / 1024,
      })
      const { endedAt } = await client.call(runRoutes.show, { params: { id: run.id } })
      over = endedAt !== null && endedAt !== undefined
      if (samples.length > 300) throw new Error('the run does not end')
    }
    const runS = (performance.now() - launched) / 1000
    await sleep(3000)
    const memory = await rendererMb(whole)
    const first = samples[1]
    const last = samples.at(-1)
    if (!first || !last) throw new Error('the run was over before it could be watched')
    const share = (pick: (sample: Sample) => number) =>
      round((100 * (pick(last) - pick(first))) / (last.second - first.second), 1)
    const nodes = samples.slice(1).map((sample) => sample.nodes)
    return table(
      [`browser on a run of ${hosts} hosts over ${round(runS, 0)} s`, ''],
      [
        ['DOM nodes, least and most', `${Math.min(...nodes)} – ${Math.max(...nodes)}`],
        ['scripting, % of a core', share(({ scriptS }) => scriptS)],
        ['all of the main thread (script, layout, paint), %', share(({ taskS }) => taskS)],
        ['JavaScript heap at most, MB', round(Math.max(...samples.map(({ heapMb }) => heapMb)), 0)],
        ['memory of the tab (RSS less what it shares), MB', round(memory, 0)],
      ],
    )
  } finally {
    await browser.close()
    await server.remove()
  }
}
