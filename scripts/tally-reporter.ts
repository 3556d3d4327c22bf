// Ends a test run with where its time went, with what was skipped and why, and then one line: `N passed, N failed[, N skipped]`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly test: string; readonly reason: string }[]
}

/**
 * Counts tests, and as one failure each: a file or a suite that broke outside its tests (it did not
 * load, a hook threw), and an error that nobody caught. A test that never ran to an end has failed.
 */
export function tally(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
  filtered: boolean,
): Tally {
  let passed = 0
  let failed = unhandled.length
  const skipped: { test: string; reason: string }[] = []
  for (const module of modules) {
    failed += brokenOutsideTests(module)
    for (const suite of module.children.allSuites()) failed += brokenOutsideTests(suite)
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state === 'passed') passed += 1
      // "Skipped" without having been marked: a hook before it threw, so it did not do its work.
      else if (result.state !== 'skipped' || neverRan(test, result.note)) failed += 1
      // What `-t` left out was not asked for; the runner marks it as if it were `test.skip`.
      else if (!filtered || result.note !== undefined)
        skipped.push({ test: nameOf(test), reason: result.note ?? 'marked to be skipped' })
    }
  }
  return { passed, failed, skipped }
}

const brokenOutsideTests = (part: TestModule | TestSuite): number =>
  part.errors().length > 0 ? 1 : 0
const neverRan = (test: TestCase, note?: string): boolean =>
  note === undefined && test.options.mode === 'run'
const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`

/** Of many files, those that took longest: what to look at when the whole takes too long. */
function slowest(modules: readonly TestModule[]): readonly string[] {
  if (modules.length <= SLOWEST) return []
  return modules
    .map((module) => {
      const { duration, setupDuration, collectDuration } = module.diagnostic()
      const ms = duration + setupDuration + collectDuration
      return { ms, name: `${module.project.name} ${module.relativeModuleId}` }
    })
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map(({ ms, name }) => `${String(Math.round(ms / 1000)).padStart(5)} s  ${name}`)
}

const SLOWEST = 40

export function closingLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`
  return skipped.length === 0 ? line : `${line}, ${skipped.length} skipped`
}

export default class TallyReporter implements Reporter {
  private filtered = false

  onInit(vitest: { config: { testNamePattern?: RegExp } }): void {
    this.filtered = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const result = tally(modules, unhandled, this.filtered)
    const report = process.env.OM_TEST_REPORT
    if (report !== undefined) {
      mkdirSync(dirname(report), { recursive: true })
      writeFileSync(
        report,
        `${JSON.stringify({ ...result, line: closingLine(result) }, null, 2)}\n`,
      )
    }
    const slow = slowest(modules)
    if (slow.length > 0) process.stdout.write(`Slowest:\n${slow.join('\n')}\n`)
    if (result.skipped.length > 0) {
      process.stdout.write('Skipped:\n')
      for (const { test, reason } of result.skipped) process.stdout.write(`  ${test}: ${reason}\n`)
      if (process.env.CI === 'true') {
        process.stdout.write('In CI a skipped test is a failure.\n')
        process.exitCode = 1
      }
    }
    process.stdout.write(`${closingLine(result)}\n`)
  }
}
