// A task module: a pure function from checked parameters to an action, and what a person needs to know of it.

import type { z } from 'zod'
import type { Action } from './action.ts'
import type { AnswerMask } from './slice.ts'
import type { TableSpec } from './table.ts'
import type { Text } from './text.ts'

export const moduleCategories = [
  'system', // 系统信息
  'service', // 服务
  'file', // 文件
  'process', // 进程
  'network', // 网络
  'user', // 用户
  'package', // 软件包
  'general', // 通用 (shell, script, copy)
  'ansible', // Ansible
  'trust', // 信任关系
  'custom', // 自定义
] as const
export type ModuleCategory = (typeof moduleCategories)[number]

export interface Module<P extends z.ZodObject = z.ZodObject> {
  /** Dotted, lower case, `[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)*`; other programs call it. */
  readonly name: string
  readonly title: Text
  readonly summary: Text
  readonly category: ModuleCategory
  readonly params: P
  /** Pure. May throw Problem; anything else it throws is the module's own fault and is reported as such. */
  readonly action: (params: z.output<P>) => Action
  /** A read-only action for check mode; leaves that check themselves need none. */
  readonly check?: (params: z.output<P>) => Action
  /** Every leaf it yields has a check mode of its own. */
  readonly checksItself?: boolean
  readonly table?: TableSpec
  /** Running it twice is the same as running it once: the engine may retry it. */
  readonly idempotent?: boolean
  /** The number of hosts must be typed before it runs; the text says why. */
  readonly dangerous?: Text
  /** Needs a human eye or a longer time: default host timeout, ms. */
  readonly timeoutMs?: number
  readonly mask?: readonly AnswerMask[]
  /** A short note on where it works: families, tools it needs. */
  readonly needs?: Text
}

/** Declares a module. Returns it as it is; exists for the types. */
export const module = <P extends z.ZodObject>(definition: Module<P>): Module<P> => definition

/** Dotted, lower case at each first letter, at most 100 characters: `service.restart`. */
export const isModuleName = (text: string): boolean =>
  text.length <= 100 && /^[a-z][a-zA-Z0-9]*(?:\.[a-z][a-zA-Z0-9]*)*$/.test(text)
