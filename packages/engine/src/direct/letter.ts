// What a client writes to the controllers of an IDC and to the servers, so that only they can read it, and know whose
// it is: sealed with the key of its run, which is sealed to each of them; inside, signed with its certificate.

import { gunzipSync, gzipSync } from 'node:zlib'
import type { Json } from '@omserver/core'
import { z } from 'zod'
import type { Idc } from '../ports.ts'
import type { OpeningKey, SealedKey } from '../sealing/hpke.ts'
import { openBytes, sealBytes } from '../sealing/sealed-bytes.ts'
import { readSigned, signedJson } from '../signing/signed-text.ts'
import type { Signer, Verifier } from '../signing/signing.ts'

/** `run`: begin this. `question`: which hosts would that be? `abort`: end it. */
export type LetterKind = 'run' | 'question' | 'abort'

/** Bytes of a letter as JSON; what holds it lies in one call and one message. */
const LETTER_MAX_BYTES = 200 * 1024
/** Of what it says, when it is no longer packed. */
const CONTENT_MAX_BYTES = 4 * 1024 * 1024

const letterSchema = z.strictObject({
  run: z.uuid(),
  keys: z
    .array(z.strictObject({ to: z.string(), enc: z.string(), key: z.string() }))
    .min(1)
    .max(500),
  /** Base64. */
  sealed: z.string(),
})
export type Letter = z.output<typeof letterSchema>

/** Throws ZodError. */
export const parseLetter = (value: Json): Letter => letterSchema.parse(value)

interface About {
  readonly kind: LetterKind
  readonly idc: Idc
  readonly run: string
}

export const runKeyContext = (idc: Idc, run: string): string => `direct run ${idc} ${run}`
const letterContext = ({ kind, idc, run }: About): string => `direct ${kind} ${idc} ${run}`
const answerContext = (about: About): string => `answer to ${letterContext(about)}`
const signedContext = ({ kind, idc, run }: About) => ({ what: `direct ${kind}`, idc, key: run })

/** Throws RangeError for more than a letter may hold. @param keys the key of the run, sealed to whoever shall read it */
export const writeLetter = async (
  about: About,
  content: Json,
  by: { readonly key: Uint8Array; readonly keys: readonly SealedKey[]; readonly signer: Signer },
): Promise<Letter> => {
  const text = Buffer.from(JSON.stringify(content))
  const signed = signedJson(await by.signer.sign(signedContext(about), text))
  const plain = gzipSync(JSON.stringify({ text: text.toString('utf8'), signed }))
  const sealed = Buffer.from(sealBytes(by.key, plain, letterContext(about))).toString('base64')
  const letter = { run: about.run, keys: [...by.keys], sealed }
  const bytes = JSON.stringify(letter).length
  if (bytes > LETTER_MAX_BYTES) throw new LetterTooLarge(bytes)
  return letter
}

export class LetterTooLarge extends RangeError {
  override readonly name = 'LetterTooLarge'
  readonly bytes: number

  constructor(bytes: number) {
    super(`a letter of ${bytes} bytes; at most ${LETTER_MAX_BYTES}`)
    this.bytes = bytes
  }
}

export interface OpenedLetter {
  readonly key: Uint8Array
  readonly content: unknown
  /** Name in the certificate of the client that signed it. */
  readonly client: string
  /** SHA-256 of that certificate, hex. */
  readonly certificate: string
  /** When the client says that it signed, ms. */
  readonly at: number
}

/** The key of a run, for whoever it was sealed to. */
export const openRunKey = async (
  { run, keys }: Pick<Letter, 'run' | 'keys'>,
  idc: Idc,
  own: OpeningKey,
): Promise<Uint8Array> => {
  const ours = keys.find(({ to }) => to === own.fingerprint)
  if (!ours) throw new Error(`run ${run} is sealed to others`)
  return own.open(ours, runKeyContext(idc, run))
}

/** Rejects unless it was sealed to us, for this IDC and run, and signed by a client of the IDC: NotProven. */
export const openLetter = async (
  letter: Letter,
  about: Pick<About, 'kind' | 'idc'>,
  by: { readonly own: OpeningKey; readonly verifier: Verifier },
): Promise<OpenedLetter> => {
  const whole = { ...about, run: letter.run }
  const key = await openRunKey(letter, about.idc, by.own)
  const packed = openBytes(key, Buffer.from(letter.sealed, 'base64'), letterContext(whole))
  const { text, signed } = signedTextOf(packed)
  const bytes = Buffer.from(text)
  const proven = by.verifier.verify(signedContext(whole), bytes, readSigned(signed), ['client'])
  return {
    key,
    content: JSON.parse(text) as unknown,
    client: proven.by.name,
    certificate: proven.certificate.fingerprint,
    at: proven.at,
  }
}

const signedTextSchema = z.object({ text: z.string(), signed: z.unknown() })

const signedTextOf = (packed: Uint8Array): z.output<typeof signedTextSchema> => {
  const plain = gunzipSync(packed, { maxOutputLength: CONTENT_MAX_BYTES })
  return signedTextSchema.parse(JSON.parse(plain.toString('utf8')))
}

/** What a controller answers, for nobody but who asked. */
export const sealAnswer = (about: About, key: Uint8Array, answer: Json): Json => {
  const plain = gzipSync(JSON.stringify(answer))
  return Buffer.from(sealBytes(key, plain, answerContext(about))).toString('base64')
}

/** Throws when it was not made by a holder of the key. */
export const openAnswer = (about: About, key: Uint8Array, sealed: Json): Json => {
  const packed = openBytes(key, Buffer.from(String(sealed), 'base64'), answerContext(about))
  const plain = gunzipSync(packed, { maxOutputLength: CONTENT_MAX_BYTES })
  return JSON.parse(plain.toString('utf8')) as Json
}
