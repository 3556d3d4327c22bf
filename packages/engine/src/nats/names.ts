// What streams and subjects of an installation are called. Every name of ours becomes one token that NATS takes.

/** One message of the log holds at most this many events; see position(). */
export const EVENTS_A_MESSAGE = 1000

/**
 * Where an event lies in the log: the sequence of its message, and its place in it. It grows in the order in which
 * the server has stored, and its first place is what a claim is fenced by.
 */
export const position = (sequence: number, index: number): number =>
  sequence * EVENTS_A_MESSAGE + index

export const sequenceOf = (at: number): number => Math.floor(at / EVENTS_A_MESSAGE)

/** `a b` becomes `a_20b`: letters, digits and `-` stay, every other byte of its UTF-8 is written in hex. */
export const toToken = (text: string): string =>
  text === ''
    ? '_'
    : text.replace(/[^A-Za-z0-9-]/gu, (sign) =>
        [...Buffer.from(sign)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join(''),
      )

export const fromToken = (token: string): string =>
  token === '_'
    ? ''
    : token.replace(/(?:_[0-9a-f]{2})+/g, (hex) =>
        Buffer.from(hex.replaceAll('_', ''), 'hex').toString(),
      )

/** The JetStream domain of an IDC that has a nats-server of its own. */
export const domainOf = (idc: string): string => `idc-${toToken(idc)}`

export type Names = ReturnType<typeof namesOf>

/** @param prefix `[A-Za-z0-9-]+`; two installations on one nats-server differ in it */
export const namesOf = (prefix: string) => {
  if (!/^[A-Za-z0-9-]+$/.test(prefix)) throw new RangeError(`not a prefix of subjects: ${prefix}`)
  const stream = (kind: string, idc: string): string => `${prefix}_${kind}_${toToken(idc)}`
  const root = (idc: string, kind: string): string => `${prefix}.idc.${toToken(idc)}.${kind}`
  const slice = (idc: string, epoch: string, sliceId: string): string =>
    `${root(idc, 'log')}.${epoch}.${toToken(sliceId)}`
  return {
    idcsStream: `${prefix}_idcs`,
    idcs: `${prefix}.idcs`,
    blobsStream: `${prefix}_blobs`,
    blobs: `${prefix}.blobs`,

    workStream: (idc: string) => stream('work', idc),
    work: (idc: string) => root(idc, 'work'),
    leaseStream: (idc: string) => stream('lease', idc),
    lease: (idc: string) => root(idc, 'lease'),
    /** What was removed from the queue because it was done. */
    doneStream: (idc: string) => stream('done', idc),
    done: (idc: string) => root(idc, 'done'),
    intentStream: (idc: string) => stream('intent', idc),
    intent: (idc: string) => root(idc, 'intent'),
    presenceStream: (idc: string) => stream('presence', idc),
    presence: (idc: string) => root(idc, 'presence'),

    /** What an IDC needs to act alone, and what was begun there. */
    directStream: (idc: string) => stream('direct', idc),
    books: (idc: string) => root(idc, 'book'),
    begun: (idc: string) => root(idc, 'begun'),

    logStream: (idc: string) => stream('log', idc),
    logs: (idc: string) => root(idc, 'log'),
    /** All of one epoch: a message that was written for a lost log fits into no other. */
    log: (idc: string, epoch: string) => `${root(idc, 'log')}.${epoch}`,
    /** All that is said of a slice. */
    slice: (idc: string, epoch: string, sliceId: string) => `${slice(idc, epoch, sliceId)}.>`,
    claims: (idc: string, epoch: string, sliceId: string) =>
      `${slice(idc, epoch, sliceId)}.history.claim`,
    /** What is read at takeover, apart from output, which may be large. */
    history: (idc: string, epoch: string, sliceId: string) =>
      `${slice(idc, epoch, sliceId)}.history.*`,
    facts: (idc: string, epoch: string, sliceId: string, writer: string) =>
      `${slice(idc, epoch, sliceId)}.history.${writer}`,
    output: (idc: string, epoch: string, sliceId: string, writer: string) =>
      `${slice(idc, epoch, sliceId)}.output.${writer}`,

    topics: (idc: string) => `${root(idc, 'bus')}.*`,
    topic: (idc: string, topic: string) => `${root(idc, 'bus')}.${toToken(topic)}`,
    /** To any one of the IDC, or to the one who is named. What is said about a call goes to its address. */
    call: (idc: string, to: string | undefined, method: string, address: string) =>
      `${root(idc, 'call')}.${toToken(to ?? '')}.${toToken(method)}.${address}`,
    calls: (idc: string, to: string | undefined, method: string) =>
      `${root(idc, 'call')}.${toToken(to ?? '')}.${toToken(method)}.*.*.*.*`,
    control: (idc: string, to: string | undefined, address: string) =>
      `${root(idc, 'control')}.${toToken(to ?? '')}.${address}`,
    controls: (idc: string, to: string) => `${root(idc, 'control')}.${toToken(to)}.*.*.*.*`,
    answer: (idc: string, by: string, address: string) =>
      `${root(idc, 'answer')}.${toToken(by)}.${address}`,
    /** @param own the address without its last token */
    answers: (idc: string, own: string) => `${root(idc, 'answer')}.*.${own}.*`,
    /** What the identity `who` may use of calls: its own name in each of them. */
    callsBy: (idc: string, who: string) => ({
      calls: `${root(idc, 'call')}.*.*.${who}.*.*`,
      controls: `${root(idc, 'control')}.*.${who}.*.*`,
      answers: `${root(idc, 'answer')}.*.${who}.*.*`,
    }),
    /** What `self` may use to answer calls; `undefined`: what is meant for anyone. */
    callsTo: (idc: string, self: string | undefined) => ({
      calls: `${root(idc, 'call')}.${toToken(self ?? '')}.*.*.*.*.*`,
      controls: `${root(idc, 'control')}.${toToken(self ?? '')}.*.*.*.*`,
      answers: `${root(idc, 'answer')}.${toToken(self ?? '')}.*.*.*.*`,
    }),
  }
}

export const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1)

/** Of a call: who calls, by which of its connections, and which of its calls it is. The end of all its subjects. */
export const addressOf = (subject: string): string => subject.split('.').slice(-4).join('.')

/** Of a subject of the log. */
export const sliceIdOf = (subject: string): string => fromToken(subject.split('.')[5] ?? '')

/** Of a subject of the log, or of the pattern its stream listens to. */
export const epochOf = (subject: string): string => subject.split('.')[4] ?? ''
