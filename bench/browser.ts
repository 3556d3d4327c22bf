// What the run page costs a browser while 50,000 hosts answer, and how soon it shows a run that has ended.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { runRoutes } from '@omserver/api'
import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { desktop, openBrowser, openContext, signIn } from '../e2e/support/browser.ts'
import { startOmServer } from '../e2e/support/omserver.ts'
import { memoryMb, round, table } from './measure.ts'
import { clientOf } from './om-run.ts'
import { longestPause, record, replay } from './replay.ts'
import { addFleet, simulated } from './simulated.ts'

interface Sample {
  readonly second: number
  readonly nodes: number
  readonly nodesKept: number
  readonly scriptS: number
  readonly taskS: number
  readonly heapMb: number
}

/** Hosts answer over a minute, as a fleet does, and not in one burst. */
const REPLAY_MS = 60_000
/** By then the page is there and has read its hosts. */
const SETTLED_S = 5
/** When it has read all hosts. */
const PICTURE = 'canvas[aria-busy=false]'

const metricsOf = async (cdp: CDPSession): Promise<ReadonlyMap<string, number>> => {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return new Map(metrics.map(({ name, value }) => [name, value]))
}

/** Time of the processor, so that what else runs on the machine is not counted. */
const meter = async (context: BrowserContext, page: Page): Promise<CDPSession> => {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  return cdp
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

const nodesOf = (page: Page): Promise<number> =>
  page.evaluate<number>(`{
    const walker = document.createTreeWalker(document)
    let nodes = 1
    while (walker.nextNode()) nodes += 1
    nodes
  }`)

/** What the page notes about itself, ms. */
interface Notes {
  readonly longTasks: readonly number[]
  /** When the counters stood on the page, and when the picture knew all hosts. */
  readonly countersAt: number
  readonly pictureAt: number
  /** Between two changes of the counters, at most. */
  readonly stillMs: number
}

/** Runs in the page, before its first script. */
const takeNotes = `{
  const notes = { longTasks: [], countersAt: 0, pictureAt: 0, stillMs: 0 }
  window.omNotes = notes
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) notes.longTasks.push(duration)
  }).observe({ type: 'longtask', buffered: true })
  let counters = ''
  let changedAt = 0
  setInterval(() => {
    const now = performance.now()
    const text = document.querySelector('[role=group]:has(> [aria-pressed])')?.textContent ?? ''
    if (text !== '' && notes.countersAt === 0) notes.countersAt = now
    if (text !== counters) {
      if (changedAt > 0) notes.stillMs = Math.max(notes.stillMs, now - changedAt)
      counters = text
      changedAt = now
    }
    if (notes.pictureAt === 0 && document.querySelector('${PICTURE}')) notes.pictureAt = now
  }, 20)
}`

const notesOf = (page: Page): Promise<Notes> => page.evaluate<Notes>('window.omNotes')

export const benchBrowser = async (hosts: number): Promise<string> => {
  const server = await startOmServer()
  const browser = await openBrowser()
  try {
    const client = clientOf(server)
    await addFleet(client, hosts)
    const body = {
      ...simulated(`sim-[0-${hosts - 1}]`, 'sim:chunks=5,bytes=200,delay=1000'),
      confirmHosts: hosts,
    }
    const run = await client.call(runRoutes.launch, { body })
    const recording = await record(client, run.id)
    const played = await replay(server, recording, REPLAY_MS)
    const context = await openContext(browser, { ...desktop, lang: 'zh', theme: 'light' })
    await context.addInitScript(takeNotes)
    const door = await context.newPage()
    await signIn(door, server)
    // What a page leaves behind is counted until it is collected: the one that is measured has no page before it.
    await door.close()

    const page = await context.newPage()
    const cdp = await meter(context, page)
    const whole = await browser.newBrowserCDPSession()
    const samples: Sample[] = []
    const begun = performance.now()
    let over = false
    void played.over.then(() => {
      over = true
    })
    await page.goto(`${played.url}/runs/${run.id}`)
    while (!over) {
      await sleep(1000)
      const metrics = await metricsOf(cdp)
      samples.push({
        second: (performance.now() - begun) / 1000,
        nodes: await nodesOf(page),
        nodesKept: metrics.get('Nodes') ?? Number.NaN,
        scriptS: metrics.get('ScriptDuration') ?? Number.NaN,
        taskS: metrics.get('TaskDuration') ?? Number.NaN,
        heapMb: (metrics.get('JSHeapUsedSize') ?? Number.NaN) / 1024 / 1024,
      })
    }
    await sleep(3000)
    const memory = await rendererMb(whole)
    const watched = await notesOf(page)
    await page.close()
    played.close()

    const later = await context.newPage()
    const laterCdp = await meter(context, later)
    await later.goto(`${server.url}/runs/${run.id}`)
    await later.locator(PICTURE).waitFor({ timeout: 120_000 })
    await sleep(3000)
    const opened = await notesOf(later)
    const openedTaskS = (await metricsOf(laterCdp)).get('TaskDuration') ?? Number.NaN

    const settled = samples.filter(({ second }) => second > SETTLED_S)
    const first = settled[0]
    const last = settled.at(-1)
    if (!first || !last) throw new Error('the run was over before it could be watched')
    const share = (pick: (sample: Sample) => number) =>
      round((100 * (pick(last) - pick(first))) / (last.second - first.second), 1)
    const range = (pick: (sample: Sample) => number) =>
      `${Math.min(...settled.map(pick))} – ${Math.max(...settled.map(pick))}`
    const pause = (longestPause(recording) * REPLAY_MS) / recording.wallMs
    const long = ({ longTasks }: Notes) => longTasks.filter((ms) => ms > 200).length
    return table(
      [`browser on a run of ${hosts} hosts, replayed over ${round(last.second, 0)} s`, ''],
      [
        ['nodes of the document, least and most', range(({ nodes }) => nodes)],
        ['the same with what awaits collection', range(({ nodesKept }) => nodesKept)],
        ['scripting, % of a core', share(({ scriptS }) => scriptS)],
        ['all of the main thread (script, layout, paint), %', share(({ taskS }) => taskS)],
        ['counters unchanged at most, ms', round(watched.stillMs, 0)],
        ['the server silent at most, in the same measure', round(pause, 0)],
        ['tasks over 200 ms', long(watched)],
        ['JavaScript heap at most, MB', round(Math.max(...samples.map(({ heapMb }) => heapMb)), 0)],
        ['memory of the tab (RSS less what it shares), MB', round(memory, 0)],
        ['opened once ended: counters after, ms', round(opened.countersAt, 0)],
        ['opened once ended: picture of all hosts after, ms', round(opened.pictureAt, 0)],
        ['opened once ended: main thread, ms of CPU', round(openedTaskS * 1000, 0)],
        ['opened once ended: tasks over 200 ms', long(opened)],
      ],
    )
  } finally {
    await browser.close()
    await server.remove()
  }
}
