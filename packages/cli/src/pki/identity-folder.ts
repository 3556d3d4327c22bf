// Which folder of `om pki issue` a process starts from: the one that was named, or the one in the CA's folder.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFiles } from './bundle.ts'
import type { IdentityKind } from './identity.ts'
import { refusal } from './refuse.ts'
import { ofKind, readRegister, registerFile } from './register.ts'

export interface WhoStarts {
  readonly kind: Extract<IdentityKind, 'server' | 'controller' | 'client'>
  /** Narrow the choice where the folder is a CA's. */
  readonly name?: string
  readonly idc?: string
}

/** Whether it is the folder of a CA, and not of an identity. */
export const isCaFolder = (dir: string): boolean =>
  !existsSync(join(dir, bundleFiles.identity)) && existsSync(join(dir, registerFile))

/** Throws ExitError where a CA's folder has none that fits, or several. */
export const identityFolder = (dir: string, { kind, name, idc }: WhoStarts): string => {
  if (!isCaFolder(dir)) return dir
  const fitting = ofKind(readRegister(dir), kind).filter(
    (entry) =>
      (name === undefined || entry.name === name) && (idc === undefined || entry.idc === idc),
  )
  const [found, ...others] = fitting
  if (found && others.length === 0) return join(dir, found.name)
  if (found) {
    const names = fitting.map((entry) => join(dir, entry.name))
    throw refusal(
      `${dir} 里有多个 ${kind} 身份，请指定其中一个目录：${names.join('、')}`,
      `${dir} has several identities of a ${kind}; name the folder of one: ${names.join(', ')}`,
    )
  }
  const place = kind === 'server' ? '' : ` --idc ${idc ?? 'IDC'}`
  const command = `om pki issue ${dir} ${kind} ${name ?? 'NAME'}${place}`
  throw refusal(
    `${dir} 里没有${idc === undefined ? '' : `机房 ${idc} 的`}这个 ${kind} 身份。先签发：${command}`,
    `${dir} has no such identity of a ${kind}${idc === undefined ? '' : ` in IDC ${idc}`}. Issue it first: ${command}`,
  )
}
