// Cuts the stream of salt-api into events, and reads only those of jobs that somebody waits for.

import { StringDecoder } from 'node:string_decoder'
import { z } from 'zod'

export interface JobEvent {
  readonly jid: string
  readonly what: 'ret' | 'prog'
  readonly minion: string
  readonly data: unknown
}

const dataSchema = z.object({ data: z.unknown() })
/** `salt/job/<jid>/ret/<minion>`, `salt/job/<jid>/prog/<minion>/<n>` */
const tagged = /^tag: salt\/job\/(\d+)\/(ret|prog)\/([^/\n]+)/m

const dataOf = (block: string): unknown => {
  const at = block.indexOf('data: ')
  if (at < 0) return undefined
  try {
    return dataSchema.parse(JSON.parse(block.slice(at + 'data: '.length))).data
  } catch {
    // Whatever it was: what is missed is asked for again.
    return undefined
  }
}

/** @param wants whether anybody waits for this job: everything that happens on the master comes by */
export const eventReader = (
  wants: (jid: string) => boolean,
  onEvent: (event: JobEvent) => void,
): ((chunk: Buffer) => void) => {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []

  const take = (block: string): void => {
    const [, jid = '', what, minion = ''] = tagged.exec(block.slice(0, 1000)) ?? []
    if ((what !== 'ret' && what !== 'prog') || !wants(jid)) return
    const data = dataOf(block)
    if (data !== undefined) onEvent({ jid, what, minion, data })
  }

  return (chunk) => {
    const text = decoder.write(chunk)
    // A large return comes in many chunks: it is put together once.
    const last = rest.at(-1) ?? ''
    if (!text.includes('\n\n') && !(last.endsWith('\n') && text.startsWith('\n'))) {
      rest.push(text)
      return
    }
    const blocks = (rest.join('') + text).split('\n\n')
    rest = [blocks.pop() ?? '']
    for (const block of blocks) take(block)
  }
}
