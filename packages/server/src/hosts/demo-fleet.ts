// A simulated fleet to try things on: three IDCs, businesses and applications as a Chinese company would have them.

import type { Labels } from '@omserver/core'

export interface DemoHost {
  readonly name: string
  readonly address: string
  readonly labels: Labels
}

/** Marks the hosts of the fleet, so that it can be resized and removed again. */
export const demoLabel = { name: 'demo', value: 'yes' } as const

const idcs = ['sz', 'sh', 'bj'] as const

interface Kind {
  /** In the name of the host: sz-web-001. */
  readonly role: string
  readonly app: string
  readonly business: string
  /** Share of the fleet, in hundredths. */
  readonly share: number
}

const kinds: readonly Kind[] = [
  { role: 'web', app: 'nginx', business: '商城', share: 22 },
  { role: 'api', app: 'java', business: '商城', share: 18 },
  { role: 'pay', app: 'java', business: '支付', share: 12 },
  { role: 'db', app: 'mysql', business: '商城', share: 8 },
  { role: 'paydb', app: 'mysql', business: '支付', share: 5 },
  { role: 'cache', app: 'redis', business: '商城', share: 10 },
  { role: 'mq', app: 'kafka', business: '消息', share: 7 },
  { role: 'search', app: 'elasticsearch', business: '搜索', share: 8 },
  { role: 'lb', app: 'haproxy', business: '基础设施', share: 5 },
  { role: 'mon', app: 'prometheus', business: '基础设施', share: 5 },
]

/** One place of each hundred a kind; spread, so that a small fleet has some of each. */
const places: readonly Kind[] = kinds
  .flatMap((kind) => Array.from({ length: kind.share }, (_, n) => ({ kind, at: n / kind.share })))
  .sort((a, b) => a.at - b.at)
  .map(({ kind }) => kind)

/**
 * The same hosts for the same number, and of a larger number those of a smaller one and more: what was run on a
 * host stays with it.
 */
export const demoFleet = (count: number): readonly DemoHost[] => {
  const numbers = new Map<string, number>()
  return Array.from({ length: count }, (_, n) => {
    const idcIndex = n % idcs.length
    const idc = idcs[idcIndex] ?? 'sz'
    const within = Math.floor(n / idcs.length)
    const kind = places[within % places.length] ?? places[0]
    if (!kind) throw new Error('there are kinds of hosts')
    const series = `${idc}-${kind.role}`
    const number = (numbers.get(series) ?? 0) + 1
    numbers.set(series, number)
    return {
      name: `${series}-${String(number).padStart(3, '0')}`,
      address: addressOf(idcIndex, within),
      labels: {
        idc,
        business: kind.business,
        app: kind.app,
        role: kind.role,
        env: number % 5 === 0 ? 'staging' : 'prod',
        [demoLabel.name]: demoLabel.value,
      },
    }
  })
}

/** 10.<64 an IDC>.x.y, of which `.0` and `.255` are left out. */
const addressOf = (idc: number, within: number): string =>
  `10.${idc * 64 + 10 + Math.floor(within / (254 * 256))}.${Math.floor(within / 254) % 256}.${(within % 254) + 1}`
