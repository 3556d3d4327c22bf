// Checks of the preview: all that will run, nothing that is secret.

import { expect, test } from 'vitest'
import type { Action } from './action.ts'
import { previewAction } from './preview.ts'
import { secretRef } from './secret.ts'
import { hostVar, sh } from './shell.ts'

test('a command with all that surrounds it', () => {
  const action = sh.with({
    runAs: { user: 'app', method: 'sudo', password: secretRef('run:1:password') },
    cwd: '/srv/my app',
    env: { TOKEN: secretRef('run:1:token'), LANG: 'C' },
    stdin: 'a\n# sudo -u root',
    okExit: [0, 1],
    endsBy: 'disconnect',
  })`restart ${'a b'} ${hostVar('host.name')}`
  expect(previewAction(action)).toBe(
    `# sudo -u app ***
# cd '/srv/my app'
# TOKEN=***
# LANG=C
# stdin: "a\\n# sudo -u root"
# ok: exit 0, 1
# ends by: disconnect
restart 'a b' {host.name}`,
  )
})

test('steps with conditions, scripts and copies', () => {
  const action: Action = {
    kind: 'steps',
    steps: [
      { name: 'check', action: sh`nginx -t` },
      {
        name: 'put',
        when: { step: 'check', exit: [0], outputIncludes: 'ok', changed: true },
        action: {
          kind: 'copy',
          source: { text: '中\n' },
          dest: '/etc/a.conf',
          mode: '0644',
          owner: 'root:root',
          backup: true,
          runAs: { user: 'root', method: 'su' },
        },
      },
      { name: 'big', action: { kind: 'copy', source: { blob: 'abc', size: 9 }, dest: '/x' } },
      {
        name: 'script',
        action: { kind: 'script', interpreter: 'bash', content: 'echo 1\n', args: ['a b'] },
      },
    ],
  }
  expect(previewAction(action)).toBe(
    `# 1/4 check
nginx -t

# 2/4 put  [check exit 0 ∋ ok changed=true]
# su root
# copy (4 B) → /etc/a.conf  0644  root:root  /etc/a.conf.<time>~
中


# 3/4 big
# copy (sha256:abc 9 B) → /x

# 4/4 script
# bash 'a b'
echo 1
`,
  )
})
