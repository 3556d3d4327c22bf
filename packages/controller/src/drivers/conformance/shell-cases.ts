// Commands and scripts: run by /bin/sh whatever the login shell is, with their own input, folder and variables.

import assert from 'node:assert/strict'
import { realpathSync } from 'node:fs'
import type { Interpreter, ScriptAction } from '@omserver/core'
import { type ConformanceCase, carry, folderOf, has, shell } from './case-kit.ts'

const trickyCommands: readonly (readonly [string, string])[] = [
  [`echo 'single' "double"`, 'single double\n'],
  [`echo 'it'\\''s'`, `it's\n`],
  [`printf '%s\\n' 'a\\b' 'a\\\\b'`, 'a\\b\na\\\\b\n'],
  [`echo 'wow!' "!!" '!x'`, 'wow! !! !x\n'],
  [`echo "$((1+2))" \`echo back\``, '3 back\n'],
  ['echo one\necho two\n', 'one\ntwo\n'],
  [`cat <<'END'\n  kept 'as' it "is" \\ !\nEND\n`, `  kept 'as' it "is" \\ !\n`],
  [`if true; then\n\techo 中文 tab\nfi`, '中文 tab\n'],
  ['echo a # a comment', 'a\n'],
  ['', ''],
]

const trickyValues = [
  'plain',
  '',
  ' two  words ',
  `'"$HOME\`id\`\\!*`,
  '中文',
  'a\nb\n\nc',
  'end\n',
]

const script = (
  interpreter: Interpreter,
  content: string,
  more: Partial<ScriptAction> = {},
): ScriptAction => ({ kind: 'script', interpreter, content, ...more })

const secretText = 's3cret-that-nobody-may-see'

export const shellCases: readonly ConformanceCase[] = [
  {
    name: 'a command reaches /bin/sh exactly as it was written',
    needs: 'machine',
    run: async (harness) => {
      const all = trickyCommands.map(async ([command, expected]) => {
        const { end, stdout } = await carry(harness, shell(command))
        assert.equal(end.state, 'ok', command)
        assert.equal(stdout.toString(), expected, command)
      })
      await Promise.all(all)
      const { stdout } = await carry(harness, shell('readlink /proc/$$/exe'))
      assert.equal(stdout.toString().trim(), realpathSync('/bin/sh'))
    },
  },
  {
    name: 'variables, folder and input are the ones it was given',
    needs: 'machine',
    run: async (harness) => {
      const cwd = realpathSync(folderOf(harness))
      for (const value of trickyValues) {
        const { end, stdout } = await carry(
          harness,
          shell('printf "%s|" "$VALUE"; cat; printf "|"; pwd', {
            env: { VALUE: value },
            stdin: value,
            cwd,
          }),
        )
        assert.equal(end.state, 'ok')
        assert.equal(stdout.toString(), `${value}|${value}|${cwd}\n`)
      }
    },
  },
  {
    name: 'a folder that is not there fails the host before the command',
    needs: 'machine',
    run: async (harness) => {
      const { end, stdout } = await carry(harness, shell('echo hello', { cwd: '/not/there' }))
      assert.equal(end.state, 'failed')
      assert.equal(stdout.length, 0)
    },
  },
  {
    name: 'a command without input finds the end of it at once',
    needs: 'machine',
    run: async (harness) => {
      const plain = await carry(harness, shell('cat; echo done'))
      assert.equal(plain.stdout.toString(), 'done\n')
      if (!has(harness, 'secrets')) return
      const env = { TOKEN: harness.secret('x') }
      const withSecret = await carry(harness, shell('cat; echo done', { env }))
      assert.equal(withSecret.stdout.toString(), 'done\n')
    },
  },
  {
    name: 'secrets arrive, and stand in no command line on the host',
    needs: 'machine',
    uses: 'secrets',
    run: async (harness) => {
      for (const value of [...trickyValues, secretText]) {
        const { stdout } = await carry(
          harness,
          shell('printf "%s|" "$TOKEN"; cat', {
            env: { TOKEN: harness.secret(value), OTHER: 'other' },
            stdin: harness.secret(value),
          }),
        )
        assert.equal(stdout.toString(), `${value}|${value}`)
      }
      const { stdout } = await carry(
        harness,
        shell('for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f; echo; done 2>/dev/null', {
          env: { TOKEN: harness.secret(secretText) },
          stdin: harness.secret(secretText),
        }),
      )
      const own = harness.spooled ? '/prog ' : '/proc/[0-9]*/cmdline'
      assert.ok(stdout.toString().includes(own), 'sees its own command line')
      assert.ok(!stdout.toString().includes(secretText))
    },
  },
  {
    name: 'a variable that has no proper name is refused',
    needs: 'machine',
    run: async (harness) => {
      const { end, calls } = await carry(harness, shell('true', { env: { 'A; id #': 'x' } }))
      assert.deepEqual([end.state, end.reason], ['failed', 'driverError'])
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'a long command arrives whole; one that is too long for a host is refused',
    needs: 'machine',
    run: async (harness) => {
      const long = (letters: number) => `printf %s '${'x'.repeat(letters)}' | wc -c`
      const fits = await carry(harness, shell(long(100_000)))
      assert.equal(fits.end.state, 'ok')
      assert.equal(Number(fits.stdout.toString()), 100_000)
      const { end, calls } = await carry(harness, shell(long(200_000)))
      assert.deepEqual([end.state, end.reason], ['failed', 'driverError'])
      assert.match(end.message ?? '', /script/)
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'an account whose name is an option is refused',
    needs: 'machine',
    run: async (harness) => {
      for (const user of ['-i', '', 'a b', 'a/b']) {
        const runAs = { user, method: 'sudo' } as const
        const { end, calls } = await carry(harness, shell('true', { runAs }))
        assert.deepEqual([end.state, end.reason, calls], ['failed', 'driverError', []], user)
      }
    },
  },
  {
    name: 'a secret that is gone fails the host before anything is sent',
    needs: 'machine',
    run: async (harness) => {
      const gone = { kind: 'secret', ref: 'run:gone:password' } as const
      const { end, calls } = await carry(harness, shell('true', { stdin: gone }))
      assert.deepEqual([end.state, end.reason], ['failed', 'secretMissing'])
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'scripts run in their interpreter, with arguments',
    needs: 'machine',
    run: async (harness) => {
      const args = ['one', `tw'o`, 'thr ee']
      const expected = `one|tw'o|thr ee\n`
      const texts: readonly (readonly [Interpreter, string])[] = [
        ['sh', `printf '%s|%s|%s\\n' "$@"`],
        ['bash', `a=("$@"); (IFS='|'; echo "\${a[*]}")`],
        ['python3', `import sys\nprint('|'.join(sys.argv[1:]))`],
        ['perl', `print join('|', @ARGV), "\\n";`],
      ]
      for (const [interpreter, text] of texts) {
        const { end, stdout } = await carry(harness, script(interpreter, text, { args }))
        assert.equal(end.state, 'ok', interpreter)
        assert.equal(stdout.toString(), expected, interpreter)
      }
    },
  },
  {
    name: 'a script has its own input, and a line that reads does not swallow the script',
    needs: 'machine',
    run: async (harness) => {
      for (const interpreter of ['sh', 'bash'] as const) {
        const text = 'cat\nread x\necho "still here $x"\nexit 5\n'
        const none = await carry(harness, script(interpreter, text))
        assert.equal(none.stdout.toString(), 'still here \n', interpreter)
        assert.equal(none.end.exit, 5)
        const lines = `read x\necho "got $x"\ncat`
        const some = await carry(harness, script(interpreter, lines, { stdin: 'first\nrest' }))
        assert.equal(some.stdout.toString(), 'got first\nrest', interpreter)
      }
      const python = `import sys\nprint(repr(sys.stdin.read()))`
      const none = await carry(harness, script('python3', python))
      assert.equal(none.stdout.toString(), `''\n`)
      const some = await carry(harness, script('python3', python, { stdin: 'a\nb' }))
      assert.equal(some.stdout.toString(), `'a\\nb'\n`)
    },
  },
  {
    name: 'a long script arrives whole',
    needs: 'machine',
    run: async (harness) => {
      const lines = Array.from({ length: 6_000 }, (_, n) => `: line ${n} of a long script`)
      const text = [...lines, 'echo the end'].join('\n')
      const { stdout } = await carry(harness, script('bash', text))
      assert.equal(stdout.toString(), 'the end\n')
    },
  },
  {
    name: 'an interpreter that is not installed is named',
    needs: 'machine',
    run: async (harness) => {
      const { end } = await carry(
        harness,
        script('python3', 'print(1)', { env: { PATH: '/not/there' } }),
      )
      assert.deepEqual([end.state, end.exit], ['failed', 127])
      assert.match(end.message ?? '', /python3 is not installed/)
    },
  },
]
