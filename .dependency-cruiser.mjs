// The walls of the house: who may import whom, each wall with its reason.
// scripts/walls.test.ts proves of every rule here that it does fail when broken.

/** Rooms of ours. `modules` lies at the root because a user looks there first. */
const rooms = [
  'core',
  'api',
  'engine',
  'controller',
  'server',
  'web',
  'desktop',
  'cli',
  'modules',
  'agent',
]
const folder = (room) => (room === 'modules' || room === 'agent' ? room : `packages/${room}`)
const inside = (...names) => `^(${names.map(folder).join('|')})/`

/** A test may reach further than what it tests: it is shipped to nobody. */
const tests = '(\\.(test|spec|fixture)\\.tsx?|/testing/[^/]+\\.ts)$'

/** One row of the matrix: `room` may import `allowed`, itself, and nothing else of ours. */
const row = (room, allowed, comment) => ({
  name: `${room}-imports-${allowed.length === 0 ? 'nothing-of-ours' : `only-${allowed.join('-')}`}`,
  comment,
  severity: 'error',
  from: { path: inside(room) },
  to: { path: inside(...rooms.filter((other) => other !== room && !allowed.includes(other))) },
})

const matrix = [
  row(
    'core',
    [],
    'core is what an operation is. It stands alone, so that everything may stand on it.',
  ),
  row('modules', ['core'], 'A task module is a pure function from parameters to an Action.'),
  row('api', ['core'], 'The contract is data. Browser, command line and server read the same one.'),
  row('engine', ['core'], 'The engine carries; it knows neither who offers nor who claims.'),
  row(
    'server',
    ['core', 'api', 'engine', 'modules'],
    'The web layer runs nothing on hosts: it reaches a controller through the engine or not at all.',
  ),
  row(
    'controller',
    ['core', 'engine'],
    'A controller holds nothing that matters and must run where no server is.',
  ),
  row('web', ['core', 'api'], 'The browser knows the contract and no more.'),
  row(
    'desktop',
    ['core', 'api', 'engine'],
    "OManager talks to the contract and the engine's client; it loads web's build as files.",
  ),
  row(
    'cli',
    ['core', 'api', 'engine', 'server', 'controller', 'modules'],
    'The command line is a client, and the one place that puts processes together.',
  ),
]

const faces = [
  {
    name: 'only-public-faces',
    comment:
      'From outside, a package is its index (and engine/client). What lies behind it is its own to change.',
    severity: 'error',
    from: { path: '^(?:packages/)?([^/]+)/' },
    to: {
      path: '^(packages/[^/]+|modules)/',
      pathNot: [
        '^(packages/)?$1/',
        '^packages/[^/]+/src/index\\.ts$',
        '^modules/index\\.ts$',
        '^packages/engine/src/client\\.ts$',
      ],
    },
  },
  {
    name: 'desktop-sees-only-engine-client',
    comment: 'The desktop follows a run on the engine; it never offers or claims work.',
    severity: 'error',
    from: { path: inside('desktop') },
    to: { path: inside('engine'), pathNot: '^packages/engine/src/client\\.ts$' },
  },
  {
    name: 'cli-starts-processes-only-in-serve',
    comment:
      'Client commands start in milliseconds because they never load the server. serve.ts is loaded when asked for.',
    severity: 'error',
    from: {
      path: inside('cli'),
      pathNot: ['^packages/cli/src/(serve|pki/engine-access|direct/[^/]+)\\.ts$', tests],
    },
    to: { path: inside('engine', 'server', 'controller') },
  },
  {
    name: 'pki-knows-only-the-engine',
    comment:
      'om nats config writes what the engine says of names and permissions (docs/decisions/0008-accounts.md): no process starts there.',
    severity: 'error',
    from: { path: '^packages/cli/src/pki/', pathNot: tests },
    to: { path: inside('server', 'controller') },
  },
]

const direct = [
  {
    name: 'only-direct-evaluates-modules',
    comment:
      'Without the server the client evaluates a module itself, and a controller does so again (docs/decisions/0012-begun-in-an-idc.md); with a server only the server does.',
    severity: 'error',
    from: { path: inside('cli'), pathNot: ['^packages/cli/src/direct/', tests] },
    to: { path: inside('modules') },
  },
  {
    name: 'direct-is-a-client-of-the-engine',
    comment: 'Whoever begins a run in an IDC sees of the engine what the desktop will see.',
    severity: 'error',
    from: { path: '^packages/cli/src/direct/', pathNot: tests },
    to: {
      path: inside('engine', 'server', 'controller'),
      pathNot: '^packages/engine/src/client\\.ts$',
    },
  },
]

const purity = [
  {
    name: 'pure-rooms-know-no-node',
    comment:
      'core, api and modules run in a browser, in a worker and in Node alike, and do no I/O: no node:* there.',
    severity: 'error',
    from: { path: inside('core', 'api', 'modules'), pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'browser-knows-no-node',
    comment: 'What is bundled for the browser cannot load Node.',
    severity: 'error',
    from: { path: '^packages/web/src/', pathNot: tests },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'server-runs-nothing',
    comment:
      'No process and no ssh connection begins in the web layer: that is what controllers are for. own-process.ts alone keeps code away from the server that could harm it, and git.ts fetches projects of playbooks.',
    severity: 'error',
    from: {
      path: '^packages/server/src/',
      pathNot: [
        tests,
        '^packages/server/src/own-process\\.ts$',
        '^packages/server/src/projects/git\\.ts$',
      ],
    },
    to: { path: ['^(node:)?child_process$', 'node_modules/ssh2/'] },
  },
  {
    name: 'server-starts-no-thread',
    comment:
      'A thread that crashes takes the server with it (docs/decisions/0004-module-processes.md). Use own-process.ts.',
    severity: 'error',
    from: { path: '^packages/server/src/', pathNot: tests },
    to: { path: '^(node:)?worker_threads$' },
  },
]

const ground = 'db|http|api|i18n|keyboard|session|status|ui'

const slices = [
  {
    name: 'slices-meet-at-their-index',
    comment:
      'One slice uses another only through its index.ts, so that a slice can be read, changed and removed alone.',
    severity: 'error',
    from: { path: '^packages/(server|web)/src/([^/]+)/', pathNot: tests },
    to: {
      path: '^packages/$1/src/[^/]+/',
      pathNot: ['^packages/$1/src/$2/', '^packages/$1/src/[^/]+/index\\.tsx?$'],
    },
  },
  {
    name: 'ground-knows-no-slice',
    comment:
      'What every slice stands on (database, HTTP, words, parts of a page) leans on none of them.',
    severity: 'error',
    from: { path: `^packages/(server|web)/src/(${ground})/`, pathNot: tests },
    to: { path: '^packages/$1/src/[^/]+/', pathNot: `^packages/$1/src/(${ground})/` },
  },
  {
    name: 'table-knows-no-service',
    comment: 'routes → service → table, never back: the table answers, it does not decide.',
    severity: 'error',
    from: { path: '^packages/server/src/.*\\btable\\.ts$' },
    to: { path: '^packages/server/src/.*\\b(service|routes)\\.ts$' },
  },
  {
    name: 'service-knows-no-routes',
    comment: 'routes → service → table, never back: a service works without HTTP.',
    severity: 'error',
    from: { path: '^packages/server/src/.*\\bservice\\.ts$' },
    to: { path: '^packages/server/src/.*\\broutes\\.ts$' },
  },
  {
    name: 'sql-only-in-tables',
    comment:
      'SQL is written in table.ts and in db/, so that a change of schema has few readers and every query one place. ca-lock.ts stores nothing: it borrows a lock of the kernel.',
    severity: 'error',
    from: {
      pathNot: [
        '^packages/server/src/db/',
        '^packages/cli/src/pki/ca-lock\\.ts$',
        '^packages/server/src/.*\\btable\\.ts$',
        tests,
        '^e2e/support/',
      ],
    },
    to: { path: 'node_modules/(kysely|better-sqlite3|mysql2|pg)/' },
  },
  {
    name: 'drivers-stand-alone',
    comment:
      'One driver is one folder. What two of them need lies beside the folders, under its own name.',
    severity: 'error',
    from: { path: '^packages/controller/src/drivers/([^/]+)/', pathNot: tests },
    to: {
      path: '^packages/controller/src/drivers/[^/]+/',
      pathNot: '^packages/controller/src/drivers/$1/',
    },
  },
]

const vague = '[/-](utils?|helpers?|common|manager|misc|impl)([/.]|$)'

const hygiene = [
  {
    name: 'no-cycles',
    comment: 'Two files that need each other are one file, or a third is missing.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-vague-names',
    comment:
      'utils, helpers, common, manager, misc, Impl say nothing. Name the file for what it does.',
    severity: 'error',
    from: {},
    to: { path: vague, pathNot: 'node_modules' },
  },
  {
    name: 'no-vague-names-at-the-top',
    comment: 'The same for files that nobody imports.',
    severity: 'error',
    from: { path: vague, pathNot: 'node_modules' },
    to: {},
  },
  {
    name: 'no-unresolved-imports',
    comment: 'An import that leads nowhere hides from every other wall.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-tests-in-the-product',
    comment: 'A test may import the product, never the other way round.',
    severity: 'error',
    from: { pathNot: [tests, '^(e2e|bench|scripts)/'] },
    to: { path: [tests, '^(e2e|bench)/'] },
  },
  {
    name: 'no-undeclared-packages',
    comment: 'What a package imports stands in its own package.json, or a release would lack it.',
    severity: 'error',
    from: { path: '^(packages/[^/]+/src|modules)/', pathNot: tests },
    to: {
      dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'],
      dependencyTypesNot: ['type-only'],
    },
  },
]

export default {
  forbidden: [...matrix, ...faces, ...direct, ...purity, ...slices, ...hygiene],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: ['/dist/', '^data/'] },
    // Type imports count: a type from behind a wall is a hole in the wall.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
