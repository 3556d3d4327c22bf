// What is asked for an endpoint of a driver, by kind, and which endpoint a host is reached through.

import { z } from 'zod'
import type { DriverName } from './host.ts'

export const endpointKinds = ['salt', 'func'] as const
export type EndpointKind = (typeof endpointKinds)[number]

const pem = (what: 'CERTIFICATE' | 'PRIVATE KEY') =>
  z
    .string()
    .max(64_000)
    .regex(new RegExp(`-----BEGIN (?:[A-Z]+ )?${what}-----[^-]+-----END `))
const account = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\s\p{C}]+$/u)

/** salt-api. Plain HTTP is not offered: the password would travel in it. */
export const saltSettings = z.strictObject({
  url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .refine((text) => !text.includes('@') && !/[?#]/.test(text)),
  user: account,
  /** Of external_auth on the master. */
  eauth: z
    .string()
    .max(50)
    .regex(/^[a-z][a-z0-9_]*$/)
    .default('pam'),
  /** PEM; absent: whoever the system trusts. */
  ca: pem('CERTIFICATE').optional(),
})
export type SaltSettings = z.output<typeof saltSettings>

export const saltSecrets = z.strictObject({ password: z.string().min(1).max(1000) })

/** What all funcds of a site share. */
export const funcSettings = z.strictObject({
  port: z.number().int().min(1).max(65_535).default(51_234),
  ca: pem('CERTIFICATE'),
  /** Certificates signed with SHA-1 or MD5, as old certmasters make them. */
  legacyTls: z.boolean().default(false),
  mode: z.enum(['direct', 'transmit']).default('direct'),
  /** Name of the host on which func-transmit is called. */
  overlord: z.string().min(1).max(253).optional(),
})
export type FuncSettings = z.output<typeof funcSettings>

export const funcSecrets = z.strictObject({ cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY') })

/** The endpoint of the host's own IDC, else the one of all IDCs; undefined: there is none. */
export const endpointFor = <E extends { readonly kind: EndpointKind; readonly idc: string | null }>(
  endpoints: readonly E[],
  kind: EndpointKind,
  idc: string,
): E | undefined => {
  const ofKind = endpoints.filter((one) => one.kind === kind)
  return ofKind.find((one) => one.idc === idc) ?? ofKind.find((one) => one.idc === null)
}

export const endpointKindOf = (driver: DriverName): EndpointKind | undefined =>
  endpointKinds.find((kind) => kind === driver)
