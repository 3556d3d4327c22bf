// Runs in a worker: loads one file of a user's modules and evaluates them. What it does wrong harms nobody else.

import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Module } from '@omserver/core'
import { describeModule } from './describe-module.ts'
import { evaluateModule } from './evaluate-module.ts'
import type { ToWorker, WorkerData } from './module-worker-messages.ts'

const port = parentPort
if (!port) throw new Error('module-worker runs as a worker')
const { file } = workerData as WorkerData

// A file outside our folders cannot find our packages by itself, and need not have its own copy of Zod.
const ours: Readonly<Record<string, string>> = {
  '@omserver/core': import.meta.resolve('@omserver/core'),
  zod: import.meta.resolve('zod'),
}
registerHooks({
  resolve: (specifier, context, next) => {
    const url = ours[specifier]
    return url ? { url, shortCircuit: true } : next(specifier, context)
  },
})

const isModule = (value: unknown): value is Module =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'params' in value &&
  'action' in value &&
  typeof value.action === 'function'

const said = (error: unknown) => ({
  code:
    error instanceof Error && 'code' in error && error.name === 'Problem'
      ? String(error.code)
      : null,
  details: error instanceof Error && 'details' in error ? structuredClone(error.details) : null,
  message: error instanceof Error ? error.message : String(error),
  stack: error instanceof Error ? (error.stack ?? '') : '',
})

try {
  const exports: Record<string, unknown> = await import(pathToFileURL(file).href)
  const modules = Object.values(exports).filter(isModule)
  const byName = new Map(modules.map((module) => [module.name, module]))
  port.postMessage({
    kind: 'loaded',
    entries: modules.map((module) => describeModule(module, 'file')),
  })
  port.on('message', (message: ToWorker) => {
    try {
      const module = byName.get(message.name)
      if (!module) throw new Error(`no module ${message.name} in this file`)
      const answer = evaluateModule(module, message.params, message.check)
      port.postMessage({ kind: 'answer', id: message.id, answer })
    } catch (error) {
      port.postMessage({ kind: 'threw', id: message.id, error: said(error) })
    }
  })
} catch (error) {
  port.postMessage({ kind: 'broken', error: said(error) })
}
