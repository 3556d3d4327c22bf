// The register of a CA's folder: what was issued, for whom, until when, and what was revoked.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type IdentityKind, identityKinds } from './identity.ts'
import { reasonOf, refusal } from './refuse.ts'

const entrySchema = z.strictObject({
  kind: z.enum(identityKinds),
  name: z.string(),
  idc: z.string().optional(),
  generation: z.int().positive(),
  /** Names and addresses in its certificate. */
  addresses: z.array(z.string()).readonly(),
  /** Where it is told to find nats-server. */
  servers: z.array(z.string()).readonly(),
  /** Raw public X25519, base64. */
  sealKey: z.string().optional(),
  /** PEM. */
  certificate: z.string(),
  /** Milliseconds, UTC. */
  issuedAt: z.int(),
  endsAt: z.int(),
  revokedAt: z.int().optional(),
})
export type Entry = Readonly<z.infer<typeof entrySchema>>

const registerSchema = z.strictObject({
  version: z.literal(1),
  organisation: z.string(),
  /** Named before anybody of them was enrolled. */
  idcs: z.array(z.string()).readonly().optional(),
  entries: z.array(entrySchema).readonly(),
})
export type Register = Readonly<z.infer<typeof registerSchema>>

export const registerFile = 'register.json'
const DAY_MS = 86_400_000
const SOON_DAYS = 30

export const readRegister = (dir: string): Register => {
  const file = join(dir, registerFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw refusal(
      `${dir} 不是 CA 目录（读不了 ${registerFile}：${reasonOf(error)}）。请先运行 om pki init ${dir}。`,
      `${dir} is no folder of a CA (${registerFile}: ${reasonOf(error)}). Make one with om pki init ${dir}.`,
    )
  }
  try {
    return registerSchema.parse(JSON.parse(text))
  } catch (error) {
    throw refusal(
      `${file} 的内容无法识别：${reasonOf(error)}`,
      `${file} is not a register that this version reads: ${reasonOf(error)}`,
    )
  }
}

/** All of it or nothing: whoever reads meanwhile finds the one before. */
export const writeRegister = (dir: string, register: Register): void => {
  const file = join(dir, registerFile)
  const next = `${file}.${process.pid}`
  writeFileSync(next, `${JSON.stringify(register, null, 2)}\n`, { mode: 0o600 })
  renameSync(next, file)
}

export type EntryState = 'valid' | 'endsSoon' | 'ended' | 'revoked'

export const stateOf = (entry: Entry, now: number): EntryState => {
  if (entry.revokedAt !== undefined) return 'revoked'
  if (entry.endsAt <= now) return 'ended'
  return entry.endsAt - now < SOON_DAYS * DAY_MS ? 'endsSoon' : 'valid'
}

/** What is not revoked under that name. */
export const present = (register: Register, name: string): Entry | undefined =>
  register.entries.find((entry) => entry.name === name && entry.revokedAt === undefined)

export const ofKind = (register: Register, kind: IdentityKind): readonly Entry[] =>
  register.entries.filter((entry) => entry.kind === kind && entry.revokedAt === undefined)

/** The nats-server of an IDC that has one of its own. */
export const leafOf = (register: Register, idc: string | undefined): Entry | undefined =>
  idc === undefined ? undefined : ofKind(register, 'nats').find((entry) => entry.idc === idc)

/** Every certificate of a controller that counts no more. */
export const revokedControllers = ({ entries }: Register) =>
  entries.flatMap(({ kind, name, generation, sealKey, revokedAt }) =>
    kind === 'controller' && revokedAt !== undefined ? [{ name, generation, sealKey }] : [],
  )

export const issuedClients = (register: Register) =>
  ofKind(register, 'client').flatMap(({ idc, name }) =>
    idc === undefined ? [] : [{ idc, client: name }],
  )

/** Also those whose last controller was revoked: their streams may still hold something. */
export const idcsOf = (register: Register): readonly string[] =>
  [
    ...new Set([
      ...(register.idcs ?? []),
      ...register.entries.flatMap(({ idc }) => (idc === undefined ? [] : [idc])),
    ]),
  ].sort()
