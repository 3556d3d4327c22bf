// Types, lint, walls, dead code and advisories, run as tests, so that one report and one count speak for all.

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const checks = ['types', 'lint', 'walls', 'dead', 'advisories'] as const

for (const check of checks) {
  test(`npm run check:${check}`, async () => {
    const { code, output } = await npmRun(`check:${check}`)
    // That nobody could be asked is no failure, and is to be seen.
    if (check === 'advisories') console.log(output)
    expect(code, output).toBe(0)
  })
}

function npmRun(script: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn('npm', ['run', '--silent', script], {
      cwd: resolve(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', fail)
    child.once('close', (code) => done({ code, output }))
  })
}
