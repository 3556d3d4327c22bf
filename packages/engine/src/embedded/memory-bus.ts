// The bus of the embedded engine: signals and calls between the parts of one process.

import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { Bus } from '../ports.ts'

const DEFAULT_DEADLINE_MS = 10_000

type Listener = (data: Json) => void
type Handler = (argument: Json, signal: AbortSignal) => Promise<Json>

interface Service {
  readonly self: string
  readonly handler: Handler
}

export interface MemoryBus extends Bus {
  close(): void
}

export const memoryBus = (after: After): MemoryBus => {
  const listeners = new Map<string, Set<Listener>>()
  /** In the order in which they are asked next. */
  const services = new Map<string, Service[]>()
  const underWay = new Set<(problem: Problem) => void>()
  let closed = false

  const pick = (key: string, to: string | undefined): Service | undefined => {
    const all = services.get(key) ?? []
    const at = to === undefined ? 0 : all.findIndex((service) => service.self === to)
    const [picked] = at < 0 ? [] : all.splice(at, 1)
    if (picked) all.push(picked)
    return picked
  }

  return {
    emit(idc, topic, data) {
      const key = `${idc} ${topic}`
      setImmediate(() => {
        if (closed) return
        for (const listener of [...(listeners.get(key) ?? [])]) listener(data)
      })
    },

    async on(idc, topic, listener) {
      const key = `${idc} ${topic}`
      const own: Listener = (data) => listener(data)
      const all = listeners.get(key) ?? new Set()
      listeners.set(key, all.add(own))
      return async () => {
        all.delete(own)
      }
    },

    async call(idc, method, argument, options = {}) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      if (options.signal?.aborted) throw new Problem('BUS_CANCELLED', { method })
      const service = pick(`${idc} ${method}`, options.to)
      if (!service) throw new Problem('BUS_NOBODY', { idc, method })
      const deadline = options.timeoutMs ?? DEFAULT_DEADLINE_MS
      const cancel = new AbortController()
      return new Promise<Json>((resolve, reject) => {
        const give = (problem: Problem): void => {
          clean()
          cancel.abort()
          reject(problem)
        }
        const onCancel = (): void => give(new Problem('BUS_CANCELLED', { method }))
        const endTimer = after(deadline, () =>
          give(new Problem('BUS_TIMEOUT', { idc, method, ms: deadline })),
        )
        const clean = (): void => {
          endTimer()
          underWay.delete(give)
          options.signal?.removeEventListener('abort', onCancel)
        }
        underWay.add(give)
        options.signal?.addEventListener('abort', onCancel)
        setImmediate(() => {
          if (cancel.signal.aborted) return
          service.handler(argument, cancel.signal).then(
            (answer) => {
              clean()
              resolve(answer)
            },
            (error: unknown) => {
              clean()
              const message = error instanceof Error ? error.message : String(error)
              reject(
                error instanceof Problem ? error : new Problem('BUS_FAILED', { method, message }),
              )
            },
          )
        })
      })
    },

    async serve(idc, method, self, handler) {
      const key = `${idc} ${method}`
      const service: Service = { self, handler }
      services.set(key, [...(services.get(key) ?? []), service])
      return async () => {
        services.set(
          key,
          (services.get(key) ?? []).filter((other) => other !== service),
        )
      }
    },

    close() {
      closed = true
      listeners.clear()
      services.clear()
      for (const give of [...underWay]) give(new Problem('ENGINE_CLOSED'))
    },
  }
}
