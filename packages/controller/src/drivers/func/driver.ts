// The func driver: carries leaves out over XML-RPC to funcd, or through func-transmit on an overlord.

import type { SecureContext } from 'node:tls'
import {
  type DriverEndpoint,
  type EndpointSecrets,
  type HostEnd,
  isHostLeaf,
  isSecretRef,
  type LeafAction,
  Problem,
  type Secrets,
} from '@omserver/core'
import { createDetachedCarrier } from '../../detached/detached-carrier.ts'
import type { Driver, HostReport, HostWork } from '../../driver.ts'
import type { BlobReader } from '../../fed-content.ts'
import { createGateKeeper } from '../../gate-keeper.ts'
import type { HostLeafWork } from '../../host-leaves.ts'
import { randomToken } from '../../random-token.ts'
import { callProblem, carryOutCall } from './call.ts'
import { contextOf, directTransport } from './direct.ts'
import { funcChannel } from './host-channel.ts'
import { reach } from './reach.ts'
import { FUNCD_PORT, type FuncSetting, settingOf } from './setting.ts'
import { overlordOf, transmitTransport } from './transmit.ts'
import type { FuncTransport } from './transport.ts'

export interface FuncDriverOptions {
  readonly secrets: Pick<Secrets, 'open'> & Partial<EndpointSecrets>
  /** Where a copy takes content that its action does not carry. */
  readonly blobs?: BlobReader
  /** Brings func-transmit to overlords. */
  readonly ssh: Driver
  /** Connections at a time, to all hosts. */
  readonly maxSockets?: number
  /** `[a-z0-9]{16,}`, never the same twice, not to be guessed. */
  readonly newToken?: () => string
  /** Where commands keep their spools on a host; see DEFAULT_SPOOLS. */
  readonly spools?: string
}

/** What hosts without a port of their own have: it is that of SSH. */
const SSH_PORT = 22
const KEPT_CONTEXTS = 50

const nothingSent: HostEnd = {
  state: 'lost',
  leftRunning: 'no',
  message: 'stopped before anything was sent',
}

const failed = (message: string): HostEnd => ({
  state: 'failed',
  reason: 'driverError',
  message: message.slice(0, 500),
})

const noEndpoint = (message: string): HostEnd => ({
  state: 'unreachable',
  reason: 'noCredential',
  message,
})

const holdsSecret = (action: LeafAction): boolean =>
  (action.kind === 'shell' || action.kind === 'script') &&
  (isSecretRef(action.stdin) || Object.values(action.env ?? {}).some(isSecretRef))

/** Only the command itself: a script, a file and what a command reads are not shown to others on the host. */
const mayBeSeen = (action: LeafAction): boolean =>
  action.kind === 'shell' && action.stdin === undefined && !holdsSecret(action)

export const funcDriver = (options: FuncDriverOptions): Driver => {
  const { secrets, ssh } = options
  const newToken = options.newToken ?? randomToken
  const sockets = createGateKeeper(options.maxSockets ?? 256)
  const carrier = createDetachedCarrier({ sources: options, newToken, spools: options.spools })
  /** OpenSSL reads each set of files once. */
  const contexts = new Map<string, SecureContext>()

  const contextFor = (setting: FuncSetting) => (): SecureContext => {
    const key = `${setting.id} ${setting.version}`
    const known = contexts.get(key)
    if (known) return known
    const made = contextOf(setting)
    const [oldest] = contexts.keys()
    if (contexts.size >= KEPT_CONTEXTS && oldest !== undefined) contexts.delete(oldest)
    contexts.set(key, made)
    return made
  }

  const endpointOf = async (id: string | undefined): Promise<DriverEndpoint | HostEnd> => {
    if (id === undefined) return noEndpoint('the host has no Func endpoint')
    try {
      const found = await secrets.endpoint?.(id)
      return found ?? noEndpoint('this controller knows no endpoints')
    } catch (error) {
      const gone = error instanceof Problem && error.code === 'ENDPOINT_UNKNOWN'
      return noEndpoint(
        `the Func endpoint of the host ${gone ? 'does not exist any more' : 'could not be read'}`,
      )
    }
  }

  const transportOf = async (
    { host, runId, action }: HostWork,
    report: HostReport,
  ): Promise<FuncTransport | HostEnd> => {
    const endpoint = await endpointOf(host.endpointId)
    if ('state' in endpoint) return endpoint
    const setting = settingOf(endpoint)
    if (typeof setting === 'string') return noEndpoint(setting)
    if (setting.mode === 'direct') {
      const { address, port } = host.access
      const own = port === SSH_PORT || port <= 0 ? setting.port : port
      const at = { name: host.name, address, port: own || FUNCD_PORT }
      return directTransport(at, setting, { context: contextFor(setting), sockets })
    }
    if (holdsSecret(action)) {
      return failed(
        'a secret cannot be passed through func-transmit: it would stand in a command line and a log of the host',
      )
    }
    const overlord = overlordOf(host)
    if (!overlord)
      return noEndpoint(`the way to the overlord of the endpoint ${setting.name} is not known`)
    const keySeen: HostReport['keySeen'] = (seen) => report.keySeen(seen)
    return transmitTransport({ ssh, overlord, name: host.name, runId, keySeen })
  }

  const call = async (
    work: HostWork & { readonly action: Extract<LeafAction, { kind: 'call' }> },
    transport: FuncTransport,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd> => {
    const { action, connectTimeoutMs, host } = work
    const failure = await reach(transport, { connectTimeoutMs, signal })
    if (signal.aborted) return nothingSent
    if (failure) return { state: 'unreachable', ...failure }
    const stays = await report.started().then(
      () => !signal.aborted,
      () => false,
    )
    if (!stays) return nothingSent
    return carryOutCall(transport, action, {
      report,
      signal,
      connectTimeoutMs,
      encoding: host.encoding,
    })
  }

  const shell = (
    work: HostLeafWork,
    transport: FuncTransport,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd> => {
    const { action, connectTimeoutMs } = work
    const seen = mayBeSeen(action)
    const channel = funcChannel({ transport, newToken, connectTimeoutMs, mayBeSeen: seen })
    return carrier.carryOut(work, work.detached, channel, report, signal)
  }

  const carryOut = async (
    work: HostWork,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd> => {
    const { action } = work
    if (signal.aborted && !work.detached?.resume) return nothingSent
    if (action.kind === 'call') {
      const problem = callProblem(action)
      if (problem !== undefined) return { state: 'failed', reason: 'callFailed', message: problem }
    } else if (!isHostLeaf(action)) {
      const message = `this driver cannot carry out "${action.kind}"`
      return { state: 'skipped', reason: 'capability', message }
    }
    const transport = await transportOf(work, report)
    if ('state' in transport) return transport
    return action.kind === 'call'
      ? call({ ...work, action }, transport, report, signal)
      : shell({ ...work, action }, transport, report, signal)
  }

  return {
    name: 'func',
    detaches: true,
    capabilities: { leaves: ['shell', 'script', 'copy', 'call'], abort: 'remote' },
    carryOut: (work, report, signal) =>
      carryOut(work, report, signal).catch((error: unknown) =>
        failed(error instanceof Error ? error.message : 'unknown error'),
      ),
    health: () =>
      Promise.resolve({
        ok: true,
        version: `XML-RPC over TLS 1.0 to 1.3, OpenSSL ${process.versions.openssl}`,
        problems: [],
      }),
    close: async () => contexts.clear(),
  }
}
