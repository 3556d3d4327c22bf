// What each identity may send and hear in the account of its IDC. Beside names.ts, so that they cannot drift apart.

import { fromToken, namesOf, toToken } from './names.ts'
import { WORK_CONSUMER } from './streams.ts'

export interface Permissions {
  /** Subjects it may publish to; nothing else. */
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** Who connects with the identity `name`, as in NatsOptions: its inboxes are its own. */
interface Connecting {
  /** Of all streams and subjects, as in NatsOptions. */
  readonly prefix: string
  readonly idc: string
  readonly name: string
}

/** A name as one token of NATS: for names of accounts, users and files. */
export const tokenOf = toToken
/** The name that became such a token. */
export const nameOfToken = fromToken

const API = '$JS.API'

const look = ({ prefix, idc }: Connecting): readonly string[] => {
  const names = namesOf(prefix)
  const streams = [
    names.logStream(idc),
    names.workStream(idc),
    names.leaseStream(idc),
    names.intentStream(idc),
    names.presenceStream(idc),
    names.directStream(idc),
  ]
  return [
    `${API}.INFO`,
    ...streams.map((stream) => `${API}.STREAM.INFO.${stream}`),
    `${API}.CONSUMER.INFO.${names.workStream(idc)}.${WORK_CONSUMER}`,
  ]
}

const inbox = ({ name }: Connecting): string => `_INBOX_${toToken(name)}.>`

/** By subject only, which contains the hash: whoever does not know it cannot find a blob. */
export const blobReads = (prefix: string): string => {
  const names = namesOf(prefix)
  return `${API}.DIRECT.GET.${names.blobsStream}.${names.blobs}.>`
}

/**
 * A controller takes work, writes the log, holds leases, answers calls, and says that it is there: only of itself.
 * Its answers bear its name, and go to nobody but the one who called: it may not answer wherever a message says.
 * It makes no consumer (steps.ts says why), and offers no intent and no signal. It offers what a client of the IDC has
 * begun: whoever takes that asks for the client's signature, and of every other slice for the server's.
 */
export const controllerPermissions = (who: Connecting): Permissions => {
  const { prefix, idc, name } = who
  const names = namesOf(prefix)
  const [work, lease] = [names.workStream(idc), names.leaseStream(idc)]
  const [anyones, own] = [names.callsTo(idc, undefined), names.callsTo(idc, name)]
  const read = [
    work,
    lease,
    names.doneStream(idc),
    names.logStream(idc),
    names.intentStream(idc),
    names.directStream(idc),
  ]
  return {
    publish: [
      ...look(who),
      `${API}.CONSUMER.MSG.NEXT.${work}.${WORK_CONSUMER}`,
      `$JS.ACK.${work}.${WORK_CONSUMER}.>`,
      ...read.map((stream) => `${API}.STREAM.MSG.GET.${stream}`),
      `${API}.STREAM.MSG.DELETE.${work}`,
      `${API}.STREAM.MSG.DELETE.${lease}`,
      `${names.work(idc)}.*`,
      `${names.begun(idc)}.*`,
      `${names.lease(idc)}.*`,
      `${names.done(idc)}.*`,
      `${names.logs(idc)}.>`,
      `${names.presence(idc)}.${toToken(`controller:${name}`)}`,
      own.answers,
      blobReads(prefix),
    ],
    subscribe: [
      inbox(who),
      `${names.intent(idc)}.*`,
      names.topics(idc),
      ...[anyones.calls, anyones.controls, own.calls, own.controls],
    ],
  }
}

/** A client calls controllers, in its own name, and reads what they say. It writes nothing. */
export const clientPermissions = (who: Connecting): Permissions => {
  const { prefix, idc, name } = who
  const names = namesOf(prefix)
  const own = names.callsBy(idc, `client.${toToken(name)}`)
  const read = [names.logStream(idc), names.intentStream(idc), names.presenceStream(idc)]
  return {
    publish: [
      ...look(who),
      ...read.map((stream) => `${API}.STREAM.MSG.GET.${stream}`),
      ...[own.calls, own.controls],
    ],
    subscribe: [
      inbox(who),
      `${names.logs(idc)}.>`,
      `${names.intent(idc)}.*`,
      `${names.presence(idc)}.*`,
      names.topics(idc),
      own.answers,
    ],
  }
}
