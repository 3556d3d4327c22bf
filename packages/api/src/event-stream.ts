// Server-sent events over fetch, across broken connections: resumes after the last id it has handed on.

/** One event as handed to the reader. `id` is what a later reader can resume after. */
export interface ClientEvent<T> {
  readonly id: string | undefined
  readonly data: T
}

export interface EventsOptions {
  /** Resume after this id. */
  readonly after?: string
  /** How long broken connections are tried again before the last failure is thrown, ms. 60 s when absent. */
  readonly retryForMs?: number
  /** `open` when events flow, `lost` while the connection is being made again. */
  readonly onState?: (state: 'open' | 'lost') => void
  /** Whenever anything arrives, the comments of a server that has nothing to say included. */
  readonly onHeard?: () => void
  readonly signal?: AbortSignal
}

type Connect = (lastId: string | undefined, signal: AbortSignal) => Promise<Response>

const RETRY_FOR_MS = 60_000
/** The server sends a comment every 2 s; without any for so long, the connection is dead and nobody has noticed. */
const SILENCE_MS = 20_000

/**
 * Yields events until the server says `event: end`, or the signal is aborted (then it returns).
 * Rejects with what `connect` rejected with: at once when the server refused or could never be reached.
 */
export async function* readEvents<T>(
  connect: Connect,
  options: EventsOptions,
): AsyncGenerator<ClientEvent<T>, void, undefined> {
  const retryForMs = options.retryForMs ?? RETRY_FOR_MS
  let lastId = options.after
  let opened = false
  let lostAt: number | undefined
  let failures = 0
  for (;;) {
    const line = new AbortController()
    const leave = () => line.abort(options.signal?.reason)
    options.signal?.addEventListener('abort', leave)
    if (options.signal?.aborted) leave()
    try {
      const response = await connect(lastId, line.signal)
      opened = true
      options.onState?.('open')
      for await (const block of blocksOf(response, line)) {
        failures = 0
        lostAt = undefined
        options.onHeard?.()
        if (block.event === 'end') return
        if (block.id !== undefined) lastId = block.id
        if (block.data !== undefined) yield { id: block.id, data: JSON.parse(block.data) as T }
      }
    } catch (error) {
      if (options.signal?.aborted) return
      if (!opened || isRefusal(error)) throw error
      if (lostAt !== undefined && performance.now() - lostAt > retryForMs) throw error
    } finally {
      options.signal?.removeEventListener('abort', leave)
      line.abort()
    }
    if (options.signal?.aborted) return
    lostAt ??= performance.now()
    options.onState?.('lost')
    // Jitter keeps a thousand screens from coming back in the same instant.
    await pause(Math.min(5000, 200 * 2 ** failures) * (0.5 + Math.random() / 2), options.signal)
    failures += 1
  }
}

/** A refusal will be repeated; a failing server or proxy (5xx) may recover. */
const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status < 500

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })

interface Block {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

async function* blocksOf(
  response: Response,
  line: AbortController,
): AsyncGenerator<Block, void, undefined> {
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let silence = setTimeout(() => line.abort(), SILENCE_MS)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(silence)
      if (done) return
      text += value
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) yield parseBlock(block)
      silence = setTimeout(() => line.abort(), SILENCE_MS)
    }
  } finally {
    clearTimeout(silence)
    await reader.cancel().catch(() => {})
  }
}

const parseBlock = (text: string): Block => {
  const block: { id?: string; event?: string; data?: string } = {}
  for (const row of text.split('\n')) {
    const [, field, value] = /^(id|event|data): ?(.*)$/s.exec(row) ?? []
    if (field === 'id') block.id = value
    else if (field === 'event') block.event = value
    else if (field === 'data')
      block.data = block.data === undefined ? value : `${block.data}\n${value}`
  }
  return block
}
