// Which nats-servers will do, and what to say about those that do better or worse.

import { SLICE_MAX_BYTES } from '@omserver/core'

interface ServerInfo {
  readonly version: string
  /** Bytes. */
  readonly max_payload: number
}

/** A message beside its slice or its events: their frame, headers, and later what seals them. */
const ROOM_BESIDE = 64 * 1024

export const NEEDED_PAYLOAD = SLICE_MAX_BYTES + ROOM_BESIDE

const minorOf = (version: string): number => {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? []
  return Number(major ?? 0) * 1000 + Number(minor ?? 0)
}

/** Why this server cannot be used; undefined: it can. */
export const refusalOf = ({ version, max_payload }: ServerInfo): string | undefined => {
  if (minorOf(version) < 2009) {
    return `nats-server ${version} is too old: 2.9 is the oldest that will do, 2.10 or newer is better`
  }
  if (max_payload < NEEDED_PAYLOAD) {
    return `nats-server takes messages of ${max_payload} bytes, slices of runs need ${NEEDED_PAYLOAD}: raise max_payload in its configuration (its default is 1MB)`
  }
  return undefined
}

/** What an operator should know of it: JetStream confirms before the disk has the bytes, unless it is told not to. */
export const adviceOn = ({ version }: ServerInfo): string =>
  minorOf(version) < 2010
    ? `nats-server ${version} is older than 2.10 and knows no sync_interval: a power failure may take the last two minutes of confirmed events with it`
    : `nats-server ${version}; whether it has “sync_interval: always”, without which a power failure may take confirmed events with it, cannot be seen from here`
