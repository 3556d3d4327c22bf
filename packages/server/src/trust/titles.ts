// What the first runs of trust are called, and the action that only logs in.

import { type Action, sh, type Text } from '@omserver/core'

export const login: Action = sh`true`

export const titles = {
  'trust.establish': { zh: '建立信任关系', en: 'Establish trust' },
  'trust.rotate': { zh: '轮换密钥：放置新密钥', en: 'Rotate keys: put the new key' },
  'trust.check': { zh: '连通性检测', en: 'Check connectivity' },
} as const satisfies Record<string, Text>
