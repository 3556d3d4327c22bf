// Opens what a leaf only refers to: secrets, blobs, host variables. Before anything is sent.

import { createHash } from 'node:crypto'
import {
  type HostEnd,
  type HostLeaf,
  isSecretRef,
  Problem,
  type RunAs,
  renderCommand,
  type SecretRef,
  type Secrets,
  type TargetHost,
} from '@omserver/core'
import type { Blobs } from '@omserver/engine'
import { leafProblem, type OpenedLeaf } from './host-program.ts'

export interface OpenedWork {
  readonly leaf: OpenedLeaf
  /** For sudo or su. */
  readonly password?: string
}

export interface LeafSources {
  readonly secrets: Pick<Secrets, 'open'>
  readonly blobs?: Pick<Blobs, 'get'>
}

/** What the leaf needs, or the end of a host that cannot get it. Never rejects. */
export const openLeaf = async (
  action: HostLeaf,
  host: Pick<TargetHost, 'vars'>,
  sources: LeafSources,
): Promise<OpenedWork | HostEnd> => {
  try {
    const leaf = await opened(action, host, sources)
    const problem = leafProblem(leaf)
    if (problem !== undefined) return failed('driverError', problem)
    const password = await passwordOf(action.runAs, sources)
    return { leaf, ...(password === undefined ? {} : { password }) }
  } catch (error) {
    return endOf(error)
  }
}

export const isOpened = (result: OpenedWork | HostEnd): result is OpenedWork => 'leaf' in result

const failed = (reason: HostEnd['reason'], message: string): HostEnd => ({
  state: 'failed',
  reason,
  message,
})

const endOf = (error: unknown): HostEnd => {
  if (!(error instanceof Problem)) {
    return failed('driverError', 'what the action refers to could not be read')
  }
  switch (error.code) {
    case 'VAR_UNSET':
      return failed('varUnset', `the host has no variable ${String(error.details.name)}`)
    case 'SECRET_MISSING':
      return failed('secretMissing', 'a secret of this run is gone: give it again and rerun')
    case 'BLOB_MISSING':
      return failed('copyFailed', 'the content to copy is gone')
    default:
      return failed('driverError', error.code)
  }
}

const opened = async (
  action: HostLeaf,
  host: Pick<TargetHost, 'vars'>,
  sources: LeafSources,
): Promise<OpenedLeaf> => {
  if (action.kind === 'copy') {
    const input = await contentOf(action.source, sources)
    const inputHash =
      'blob' in action.source
        ? action.source.blob
        : createHash('sha256').update(input).digest('hex')
    return { action, env: {}, secretEnv: {}, input, inputHash }
  }
  const env: Record<string, string> = {}
  const secretEnv: Record<string, string> = {}
  for (const [name, value] of Object.entries(action.env ?? {})) {
    if (isSecretRef(value)) secretEnv[name] = (await sources.secrets.open(value.ref)).reveal()
    else env[name] = value
  }
  const input = action.stdin === undefined ? undefined : await bytesOf(action.stdin, sources)
  const command = action.kind === 'shell' ? renderCommand(action.command, host.vars) : undefined
  return { action, env, secretEnv, input, command }
}

const contentOf = async (
  source: { readonly text: string } | { readonly blob: string },
  { blobs }: LeafSources,
): Promise<Uint8Array> => {
  if ('text' in source) return Buffer.from(source.text)
  const bytes = await blobs?.get(source.blob)
  if (bytes === undefined) throw new Problem('BLOB_MISSING', { blob: source.blob })
  return bytes
}

const bytesOf = async (value: string | SecretRef, { secrets }: LeafSources): Promise<Uint8Array> =>
  Buffer.from(isSecretRef(value) ? (await secrets.open(value.ref)).reveal() : value)

/** For sudo or su. Rejects when it cannot be had. */
export const openPassword = (
  action: HostLeaf,
  sources: Pick<LeafSources, 'secrets'>,
): Promise<string | undefined> => passwordOf(action.runAs, sources)

const passwordOf = async (
  runAs: RunAs | undefined,
  { secrets }: Pick<LeafSources, 'secrets'>,
): Promise<string | undefined> =>
  runAs?.password === undefined ? undefined : (await secrets.open(runAs.password.ref)).reveal()
