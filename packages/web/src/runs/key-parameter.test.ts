// A run is known by its first parameter that says something.

import { expect, test } from 'vitest'
import { keyParameter } from './key-parameter.ts'

test.each([
  [{ command: 'uptime' }, 'uptime'],
  [{ content: 'set -e\n  df -h\n' }, 'set -e ↵ df -h'],
  [{ token: '***', service: 'nginx' }, 'nginx'],
  [{ all: true, packages: ['vim', 'git'] }, 'vim, git'],
  [{ pid: 42 }, '42'],
  [{ options: { a: 1 }, empty: '' }, ''],
  [{}, ''],
])('%j: %s', (params, text) => expect(keyParameter({ params })).toBe(text))
