// What a missing tool does to the tests that need it.

import { expect, test } from 'vitest'
import { missingTools } from './needs.ts'

test('only the tools that are asked for and absent are named', () => {
  expect(missingTools(['sshd', 'tmux'], 'chromium,sshd')).toEqual(['sshd'])
  expect(missingTools(['sshd', 'tmux'], '')).toEqual([])
})
