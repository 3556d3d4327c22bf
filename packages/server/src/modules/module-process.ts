// Runs as a process: loads one file of a user's modules and evaluates them. What it does wrong harms nobody else.

import module, { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { evaluateModule, type Module } from '@omserver/core'
import { describeModule } from './describe-module.ts'
import type { FromModule, ModuleError, ToModule } from './module-messages.ts'

const [, , file] = process.argv
const send = process.send?.bind(process)
if (!send || file === undefined) throw new Error('module-process is started by the server')
const say = (message: FromModule, then?: () => void): void =>
  void send(message, undefined, undefined, () => then?.())
// Libraries that know process managers greet their parent when they find this.
process.send = undefined

process.once('disconnect', () => process.exit(0))

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

const said = (error: unknown): ModuleError => ({
  code:
    error instanceof Error && 'code' in error && error.name === 'Problem'
      ? String(error.code)
      : null,
  details: error instanceof Error && 'details' in error ? structuredClone(error.details) : null,
  message: error instanceof Error ? error.message : String(error),
  stack: error instanceof Error ? (error.stack ?? '') : '',
})

const giveUp = (error: unknown): void =>
  say({ kind: 'broken', error: said(error) }, () => process.exit(1))
process.on('uncaughtException', giveUp)

try {
  const exports: Record<string, unknown> = await import(pathToFileURL(file).href)
  // One may be exported under two names.
  const modules = [...new Set(Object.values(exports).filter(isModule))]
  const byName = new Map(modules.map((one) => [one.name, one]))
  say({ kind: 'loaded', entries: modules.map((one) => describeModule(one, 'file')) })
  process.on('message', (message: ToModule) => {
    try {
      const found = byName.get(message.name)
      if (!found) throw new Error(`no module ${message.name} in this file`)
      const answer = evaluateModule(found, message.params, message.check)
      say({ kind: 'answer', id: message.id, answer })
    } catch (error) {
      say({ kind: 'threw', id: message.id, error: said(error) })
    }
  })
  // This process will be killed, and what is killed writes no cache: the next one starts in half the time.
  module.flushCompileCache?.()
} catch (error) {
  giveUp(error)
}
