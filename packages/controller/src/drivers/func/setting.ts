// What an endpoint of the kind `func` says, read once.

import type { DriverEndpoint } from '@omserver/core'

export interface FuncSetting {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly mode: 'direct' | 'transmit'
  readonly port: number
  /** PEM. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** TLS 1.0 and signatures that are too weak for today: what a funcd of old offers. */
  readonly legacyTls: boolean
}

export const FUNCD_PORT = 51_234

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A text says what is missing. */
export const settingOf = (endpoint: DriverEndpoint): FuncSetting | string => {
  const { id, name, version, kind, settings, secrets } = endpoint
  if (kind !== 'func') return `the endpoint ${name} is not one of Func`
  const setting: FuncSetting = {
    id,
    name,
    version,
    mode: settings['mode'] === 'transmit' ? 'transmit' : 'direct',
    port: typeof settings['port'] === 'number' ? settings['port'] : FUNCD_PORT,
    ca: textOf(settings['ca']),
    cert: secrets['cert']?.reveal() ?? '',
    key: secrets['key']?.reveal() ?? '',
    legacyTls: settings['legacyTls'] === true,
  }
  if (setting.mode === 'transmit') return setting
  for (const part of ['ca', 'cert', 'key'] as const) {
    if (setting[part].trim() === '') return `the endpoint ${name} has no ${part}`
  }
  return setting
}
