// Opens what a leaf only refers to: secrets, blobs, host variables. Before anything is sent.

import { createHash } from 'node:crypto'
import {
  blobOf,
  type CopyAction,
  fillTemplate,
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
import type { BlobReader, FedContent } from './fed-content.ts'
import { leafProblem, type OpenedLeaf } from './host-program.ts'

export interface OpenedWork {
  readonly leaf: OpenedLeaf
  /** For sudo or su. */
  readonly password?: string
}

export interface LeafSources {
  readonly secrets: Pick<Secrets, 'open'>
  readonly blobs?: BlobReader
  /** Large content need not be in memory: it is read while it is sent. */
  readonly feeds?: boolean
}

/** Below this a copy is sent at once: to ask first whether the host has it would take longer. */
const SMALL_BYTES = 256 * 1024
/** What a driver that does not feed may hold, for each of its hosts. */
const HELD_BYTES = 32 * 1024 * 1024

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
    case 'COPY_TOO_LARGE':
      return failed('copyFailed', 'this way to the host carries no folder and no file of this size')
    case 'TEMPLATE_NOT_TEXT':
      return failed('copyFailed', 'the template is not UTF-8 text')
    default:
      return failed('driverError', error.code)
  }
}

const opened = async (
  action: HostLeaf,
  host: Pick<TargetHost, 'vars'>,
  sources: LeafSources,
): Promise<OpenedLeaf> => {
  if (action.kind === 'copy') return openedCopy(action, host, sources)
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

const openedCopy = async (
  action: CopyAction,
  host: Pick<TargetHost, 'vars'>,
  sources: LeafSources,
): Promise<OpenedLeaf> => {
  const { source, template } = action
  const opened = { action, env: {}, secretEnv: {} }
  const blob = blobOf(source)
  const isFolder = 'content' in source && source.content?.folder === true
  if (blob && !template && (isFolder || blob.size > SMALL_BYTES)) {
    if (sources.feeds) return { ...opened, fed: fedContent(blob, isFolder, sources) }
    if (isFolder || blob.size > HELD_BYTES) throw new Problem('COPY_TOO_LARGE')
  }
  const whole = 'text' in source ? Buffer.from(source.text) : await bytesOfBlob(blob, sources)
  const input = template ? Buffer.from(fillTemplate(textOf(whole), host.vars)) : whole
  return { ...opened, input, inputHash: createHash('sha256').update(input).digest('hex') }
}

const fedContent = (
  { blob, size }: { readonly blob: string; readonly size: number },
  isFolder: boolean,
  { blobs }: LeafSources,
): FedContent => ({
  hash: blob,
  size,
  ...(isFolder ? { folder: true } : {}),
  open: async (from) => {
    const chunks = await blobs?.open(blob, from)
    if (!chunks) throw new Problem('BLOB_MISSING', { blob })
    return chunks
  },
})

const bytesOfBlob = async (
  found: { readonly blob: string } | undefined,
  { blobs }: LeafSources,
): Promise<Uint8Array> => {
  const blob = found?.blob ?? ''
  const bytes = await blobs?.get(blob)
  if (bytes === undefined) throw new Problem('BLOB_MISSING', { blob })
  return bytes
}

const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Problem('TEMPLATE_NOT_TEXT')
  }
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
