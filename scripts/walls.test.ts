// Proves of every wall in .dependency-cruiser.mjs that it fails when it is broken, and only then.

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { ICruiseResult } from 'dependency-cruiser'
import { afterAll, describe, expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '..')
const configFile = join(repository, '.dependency-cruiser.mjs')
const cruiser = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')

type Tree = Readonly<Record<string, string>>

const empty = 'export {}\n'
const imports = (...targets: string[]) => targets.map((to) => `import '${to}'\n`).join('')
const manifest = (name: string, dependencies: string[]) =>
  JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((d) => [d, '1.0.0'])) })
const installed = (name: string): Tree => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'a.js' }),
  [`node_modules/${name}/a.js`]: 'export {}\n',
})

/** A small house in order: everything in it comes close to a wall and is allowed. */
const house: Tree = {
  'package.json': JSON.stringify({ name: 'house', devDependencies: { vitest: '1.0.0' } }),
  ...installed('zod'),
  ...installed('kysely'),
  ...installed('ssh2'),
  ...installed('vitest'),

  'packages/core/package.json': manifest('core', ['zod']),
  'packages/core/src/index.ts': imports('zod', './host.ts'),
  'packages/core/src/host.ts': empty,
  'packages/core/src/host.test.ts': imports('./host.ts', 'vitest', 'node:child_process'),
  'modules/package.json': manifest('modules', []),
  'modules/index.ts': imports('../packages/core/src/index.ts'),
  'packages/api/package.json': manifest('api', []),
  'packages/api/src/index.ts': imports('../../core/src/index.ts'),
  'packages/engine/package.json': manifest('engine', []),
  'packages/engine/src/index.ts': imports('../../core/src/index.ts', 'node:crypto'),
  'packages/engine/src/client.ts': imports('./index.ts'),

  'packages/controller/package.json': manifest('controller', ['ssh2']),
  'packages/controller/src/index.ts': imports(
    '../../core/src/index.ts',
    '../../engine/src/index.ts',
    './drivers/ssh/driver.ts',
    './drivers/local/driver.ts',
  ),
  'packages/controller/src/drivers/posix.ts': empty,
  'packages/controller/src/drivers/ssh/driver.ts': imports('../posix.ts', 'ssh2'),
  'packages/controller/src/drivers/local/driver.ts': imports('../posix.ts', 'node:child_process'),

  'packages/server/package.json': manifest('server', ['kysely']),
  'packages/server/src/index.ts': imports(
    '../../core/src/index.ts',
    '../../api/src/index.ts',
    '../../engine/src/index.ts',
    '../../../modules/index.ts',
    './runs/routes.ts',
    './hosts/routes.ts',
  ),
  'packages/server/src/own-process.ts': imports('node:child_process'),
  'packages/server/src/db/index.ts': imports('kysely'),
  'packages/server/src/hosts/index.ts': imports('./service.ts'),
  'packages/server/src/hosts/routes.ts': imports('./service.ts'),
  'packages/server/src/hosts/service.ts': imports('./table.ts'),
  'packages/server/src/hosts/table.ts': imports('kysely', '../db/index.ts'),
  'packages/server/src/runs/routes.ts': imports('./service.ts', 'node:fs'),
  'packages/server/src/runs/service.ts': imports('./table.ts', '../hosts/index.ts'),
  'packages/server/src/runs/table.ts': imports('kysely', '../db/index.ts'),

  'packages/web/package.json': manifest('web', []),
  'packages/web/src/main.tsx': imports('../../api/src/index.ts', './runs/index.ts'),
  'packages/web/src/runs/index.ts': imports('../hosts/index.ts'),
  'packages/web/src/hosts/index.ts': imports('./host-page.tsx'),
  'packages/web/src/hosts/host-page.tsx': empty,

  'packages/desktop/package.json': manifest('desktop', []),
  'packages/desktop/src/index.ts': imports('../../api/src/index.ts', '../../engine/src/client.ts'),
  'packages/cli/package.json': manifest('cli', []),
  'packages/cli/src/index.ts': imports('../../api/src/index.ts'),
  'packages/cli/src/direct/evaluate.ts': imports(
    '../../../../modules/index.ts',
    '../../../engine/src/client.ts',
  ),
  'packages/cli/src/pki/engine-access.ts': imports('../../../engine/src/index.ts'),
  'packages/cli/src/serve.ts': imports(
    '../../engine/src/index.ts',
    '../../server/src/index.ts',
    '../../controller/src/index.ts',
  ),

  'e2e/first-run.spec.ts': imports('../packages/api/src/index.ts'),
}

/** How each wall gets broken: the rule, and the file that breaks it. */
const breaches: readonly { rule: string; file: string; source: string; with?: Tree }[] = [
  {
    rule: 'core-imports-nothing-of-ours',
    file: 'packages/core/src/run.ts',
    source: imports('../../api/src/index.ts'),
  },
  {
    rule: 'modules-imports-only-core',
    file: 'modules/uptime.ts',
    source: imports('../packages/engine/src/index.ts'),
  },
  {
    rule: 'api-imports-only-core',
    file: 'packages/api/src/modules.ts',
    source: imports('../../../modules/index.ts'),
  },
  {
    rule: 'engine-imports-only-core',
    file: 'packages/engine/src/offer.ts',
    source: imports('../../api/src/index.ts'),
  },
  {
    rule: 'server-imports-only-core-api-engine-modules',
    file: 'packages/server/src/shortcut.ts',
    source: imports('../../controller/src/index.ts'),
  },
  {
    rule: 'controller-imports-only-core-engine',
    file: 'packages/controller/src/shortcut.ts',
    source: imports('../../server/src/index.ts'),
  },
  {
    rule: 'web-imports-only-core-api',
    file: 'packages/web/src/shortcut.ts',
    source: `import type {} from '../../server/src/index.ts'\n`,
  },
  {
    rule: 'desktop-imports-only-core-api-engine',
    file: 'packages/desktop/src/shortcut.ts',
    source: imports('../../server/src/index.ts'),
  },
  {
    rule: 'cli-imports-only-core-api-engine-server-controller-modules',
    file: 'packages/cli/src/open.ts',
    source: imports('../../desktop/src/index.ts'),
  },
  {
    rule: 'only-direct-evaluates-modules',
    file: 'packages/cli/src/modules.ts',
    source: imports('../../../modules/index.ts'),
  },
  {
    rule: 'direct-is-a-client-of-the-engine',
    file: 'packages/cli/src/direct/connect.ts',
    source: imports('../../../engine/src/index.ts'),
  },
  {
    rule: 'only-public-faces',
    file: 'packages/server/src/deep.ts',
    source: imports('../../core/src/host.ts'),
  },
  {
    rule: 'only-public-faces',
    file: 'e2e/deep.spec.ts',
    source: imports('../packages/server/src/hosts/table.ts'),
  },
  {
    rule: 'desktop-sees-only-engine-client',
    file: 'packages/desktop/src/claim.ts',
    source: imports('../../engine/src/index.ts'),
  },
  {
    rule: 'cli-starts-processes-only-in-serve',
    file: 'packages/cli/src/hosts.ts',
    source: imports('../../server/src/index.ts'),
  },
  {
    rule: 'pki-knows-only-the-engine',
    file: 'packages/cli/src/pki/engine-access.ts',
    source: imports('../../../server/src/index.ts'),
  },
  {
    rule: 'pure-rooms-know-no-node',
    file: 'packages/core/src/clock.ts',
    source: imports('node:fs'),
  },
  { rule: 'pure-rooms-know-no-node', file: 'modules/disk.ts', source: imports('fs') },
  {
    rule: 'browser-knows-no-node',
    file: 'packages/web/src/path.ts',
    source: imports('node:path'),
  },
  {
    rule: 'server-runs-nothing',
    file: 'packages/server/src/hosts/check.ts',
    source: imports('node:child_process'),
  },
  {
    rule: 'server-runs-nothing',
    file: 'packages/server/src/hosts/connect.ts',
    source: imports('ssh2'),
  },
  {
    rule: 'server-starts-no-thread',
    file: 'packages/server/src/hosts/thread.ts',
    source: imports('node:worker_threads'),
  },
  {
    rule: 'slices-meet-at-their-index',
    file: 'packages/server/src/runs/freeze.ts',
    source: imports('../hosts/service.ts'),
  },
  {
    rule: 'slices-meet-at-their-index',
    file: 'packages/web/src/runs/pick.ts',
    source: imports('../hosts/host-page.tsx'),
  },
  {
    rule: 'ground-knows-no-slice',
    file: 'packages/server/src/http/answer.ts',
    source: imports('../hosts/index.ts'),
  },
  {
    rule: 'ground-knows-no-slice',
    file: 'packages/web/src/ui/host-link.tsx',
    source: imports('../hosts/index.ts'),
  },
  {
    rule: 'table-knows-no-service',
    file: 'packages/server/src/users/table.ts',
    source: imports('./service.ts'),
    with: { 'packages/server/src/users/service.ts': empty },
  },
  {
    rule: 'service-knows-no-routes',
    file: 'packages/server/src/groups/service.ts',
    source: imports('./routes.ts'),
    with: { 'packages/server/src/groups/routes.ts': empty },
  },
  {
    rule: 'sql-only-in-tables',
    file: 'packages/server/src/runs/query.ts',
    source: `import type {} from 'kysely'\n`,
  },
  {
    rule: 'drivers-stand-alone',
    file: 'packages/controller/src/drivers/sim/driver.ts',
    source: imports('../ssh/driver.ts'),
  },
  {
    rule: 'no-cycles',
    file: 'packages/core/src/egg.ts',
    source: imports('./hen.ts'),
    with: { 'packages/core/src/hen.ts': imports('./egg.ts') },
  },
  {
    rule: 'no-vague-names',
    file: 'packages/core/src/limits.ts',
    source: imports('./string-utils.ts'),
    with: { 'packages/core/src/string-utils.ts': empty },
  },
  {
    rule: 'no-vague-names-at-the-top',
    file: 'packages/core/src/helpers/text.ts',
    source: imports('../host.ts'),
  },
  {
    rule: 'no-unresolved-imports',
    file: 'packages/api/src/lost.ts',
    source: imports('./nowhere.ts'),
  },
  {
    rule: 'no-tests-in-the-product',
    file: 'packages/core/src/fixture.ts',
    source: imports('./host.test.ts'),
  },
  {
    rule: 'no-undeclared-packages',
    file: 'packages/api/src/sneak.ts',
    source: imports('ssh2'),
  },
]

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

async function violationsIn(tree: Tree): Promise<{ rule: string; from: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'walls-'))
  folders.push(folder)
  for (const [path, source] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), source)
  }
  const json = await new Promise<string>((done, fail) => {
    const args = [
      cruiser,
      '--config',
      configFile,
      '--output-type',
      'json',
      'packages',
      'modules',
      'e2e',
    ]
    // The exit code is the number of violations, so only a run without a report is an error here.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64e6 }, (error, stdout) =>
      stdout.startsWith('{') ? done(stdout) : fail(error ?? new Error('no report')),
    )
  })
  const result = JSON.parse(json) as ICruiseResult
  return result.summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }))
}

describe('walls', () => {
  test('a house in order breaks none', async () => {
    expect(await violationsIn(house)).toEqual([])
  })

  test('each wall fails when it is broken', async () => {
    const broken = Object.assign(
      { ...house },
      ...breaches.map((breach) => ({ ...breach.with, [breach.file]: breach.source })),
    )
    const violations = await violationsIn(broken)
    const unseen = breaches.filter(
      ({ rule, file }) => !violations.some((v) => v.rule === rule && v.from === file),
    )
    expect(unseen.map(({ rule, file }) => `${rule}: ${file}`)).toEqual([])

    const culprits = new Set(
      breaches.flatMap(({ file, ...more }) => [file, ...Object.keys(more.with ?? {})]),
    )
    expect(violations.filter(({ from }) => !culprits.has(from))).toEqual([])
  })

  test('no wall is without a breach that proves it', async () => {
    const { default: config } = await import(configFile)
    const walls: string[] = config.forbidden.map((rule: { name: string }) => rule.name)
    expect(walls.filter((name) => !breaches.some(({ rule }) => rule === name))).toEqual([])
  })
})
