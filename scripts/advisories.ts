// npm run check:advisories: fails where a package that a release needs has a known advisory, high or critical.
// Those of lesser weight are printed. Where nobody can be asked, that is said, and nothing fails: a build must not
// depend on a service elsewhere.

import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

interface Advisory {
  readonly title: string
  readonly url: string
}

interface Finding {
  readonly name: string
  readonly severity: string
  /** A text names another package through which it comes. */
  readonly via: readonly (Advisory | string)[]
}

interface Report {
  readonly vulnerabilities?: Readonly<Record<string, Finding>>
  readonly message?: string
  readonly error?: { readonly summary?: string }
}

const isChinese = /^zh/.test(process.env['LC_ALL'] || process.env['LANG'] || '')
const say = (en: string, zh: string): void => console.log(isChinese ? zh : en)

const grave = ['high', 'critical']

const ask = (): Report => {
  const words = ['audit', '--json', '--omit=dev', '--package-lock-only', '--fetch-retries=0']
  const { stdout, error } = spawnSync('npm', [...words, '--fetch-timeout=20000'], {
    cwd: resolve(import.meta.dirname, '..'),
    encoding: 'utf8',
  })
  try {
    return JSON.parse(stdout)
  } catch {
    return { message: error?.message ?? stdout }
  }
}

const report = ask()
if (report.vulnerabilities === undefined) {
  const why = report.message || report.error?.summary || '?'
  say(
    `Advisories were NOT checked, because the registry did not answer: ${why}`,
    `未能检查安全公告，npm 源没有给出结果：${why}`,
  )
} else {
  const found = Object.values(report.vulnerabilities)
  for (const { name, severity, via } of found) {
    for (const one of via) {
      const why = typeof one === 'string' ? `← ${one}` : `${one.title} ${one.url}`
      console.log(`${severity.padEnd(8)}  ${name}  ${why}`)
    }
  }
  const bad = found.filter(({ severity }) => grave.includes(severity))
  say(
    `Known advisories in what a release needs: ${found.length}, high or critical: ${bad.length}.`,
    `发布包所需依赖中的已知安全公告：${found.length} 条，其中高危或严重：${bad.length} 条。`,
  )
  process.exitCode = bad.length > 0 ? 1 : 0
}
