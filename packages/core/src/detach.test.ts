// Which runs are detached: asked for, by the rule of ten minutes, or not at all.

import { expect, test } from 'vitest'
import type { Action } from './action.ts'
import { detachmentOf } from './detach.ts'

const shell: Action = { kind: 'shell', command: ['true'] }
const script: Action = { kind: 'script', interpreter: 'sh', content: 'true' }
const long = { hostTimeoutMs: 600_001 }
const short = { hostTimeoutMs: 600_000 }

test('shell and script are detached when asked, or above ten minutes for a host', () => {
  for (const action of [shell, script]) {
    expect(detachmentOf(action, short, false)).toEqual({ detached: false })
    expect(detachmentOf(action, long, false)).toEqual({ detached: true })
    expect(detachmentOf(action, { ...short, detach: true }, false)).toEqual({ detached: true })
    expect(detachmentOf(action, { ...long, detach: false }, false)).toEqual({ detached: false })
  }
})

test('what cannot be detached says why, also when it is asked for', () => {
  const asked = { ...long, detach: true }
  const copy: Action = { kind: 'copy', source: { text: '' }, dest: '/x' }
  const steps: Action = { kind: 'steps', steps: [{ name: 'one', action: shell }] }
  expect(detachmentOf(copy, asked, false)).toEqual({ detached: false, because: 'file' })
  expect(detachmentOf(steps, asked, false)).toEqual({ detached: false, because: 'steps' })
  const tools: readonly Action[] = [
    { kind: 'playbook', project: 'p', playbook: 'site.yml', vars: {} },
    { kind: 'state', sls: ['web'] },
    { kind: 'call', function: 'test.ping', args: [] },
  ]
  for (const tool of tools) {
    expect(detachmentOf(tool, asked, false)).toEqual({ detached: false, because: 'tool' })
  }
  const reboot: Action = { ...shell, endsBy: 'disconnect' }
  expect(detachmentOf(reboot, asked, false)).toEqual({ detached: false, because: 'disconnect' })
  expect(detachmentOf(shell, asked, true)).toEqual({ detached: false, because: 'check' })
  expect(detachmentOf(null, asked, false)).toEqual({ detached: false })
})
