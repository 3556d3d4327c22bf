// The states of hosts and runs in the words of the screen.

import type { HostState, RunState, Text } from '@omserver/core'

export const stateText: Record<HostState, Text> = {
  queued: { zh: '等待中', en: 'queued' },
  running: { zh: '执行中', en: 'running' },
  ok: { zh: '成功', en: 'ok' },
  failed: { zh: '失败', en: 'failed' },
  unreachable: { zh: '连接失败', en: 'unreachable' },
  timedOut: { zh: '超时', en: 'timed out' },
  skipped: { zh: '已跳过', en: 'skipped' },
  aborted: { zh: '已中止', en: 'aborted' },
  lost: { zh: '结果未知', en: 'lost' },
}

export const runStateText: Record<RunState, Text> = {
  awaitingApproval: { zh: '等待审批', en: 'awaiting approval' },
  queued: { zh: '等待中', en: 'queued' },
  running: { zh: '执行中', en: 'running' },
  paused: { zh: '已暂停', en: 'paused' },
  succeeded: { zh: '成功', en: 'succeeded' },
  failed: { zh: '失败', en: 'failed' },
  aborted: { zh: '已中止', en: 'aborted' },
}
