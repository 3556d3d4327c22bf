// What was done, in words: the summary of the route, or the text of an event that is no route. Pure.

import { allRoutes } from '@omserver/api'
import type { Text } from '@omserver/core'

const summaries = new Map<string, Text>(allRoutes.map(({ id, summary }) => [id, summary]))

const events: Readonly<Record<string, Text>> = {
  'run.ended': { zh: '执行结束', en: 'Run ended' },
  'runs.begunInIdc': {
    zh: '客户端在机房内发起执行',
    en: 'A client began a run in its IDC',
  },
  'run.started': { zh: '开始执行', en: 'Run started' },
  'login.failed': { zh: '登录失败', en: 'Sign-in failed' },
  'login.ok': { zh: '登录', en: 'Signed in' },
  'host.keyChanged': { zh: '主机密钥变更', en: 'Host key changed' },
  'host.keyPinned': { zh: '固定主机密钥', en: 'Host key pinned' },
}

/** The code itself when it is not known here: the log may be newer than the page. */
export const activityText = (what: string): Text =>
  summaries.get(what) ?? events[what] ?? { zh: what, en: what }
