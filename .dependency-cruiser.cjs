// The floors of docs/architecture: an import only ever points down. Each package lists what it may import.
const floors = {
  'nats-server': [],
  core: [],
  delivery: ['core'],
  events: ['core', 'delivery'],
  commands: ['core', 'delivery'],
  storage: ['core', 'delivery'],
  locks: ['core', 'delivery', 'storage', 'events'],
  schedule: ['core', 'delivery', 'storage', 'events', 'locks'],
  transport: ['core', 'delivery', 'events', 'commands'],
  cli: ['core', 'delivery', 'events', 'commands', 'storage', 'locks', 'schedule', 'nats-server'],
  contracts: ['events', 'commands'],
};

const TESTS = '\\.(spec|int-spec|e2e-spec|fixture)\\.ts$';

const floorRules = Object.entries(floors).map(([lib, allowed]) => ({
  name: `floor-${lib}`,
  comment: `${lib} may import only ${allowed.join(', ') || 'no other package of this repository'}`,
  severity: 'error',
  from: { path: `^libs/${lib}/src`, pathNot: TESTS },
  to: { path: '^libs/', pathNot: [`^libs/${lib}/`, ...allowed.map((name) => `^libs/${name}/`)] },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      comment: 'what the peers of the benchmarks import is installed only for measurements',
      severity: 'error',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-deep-imports',
      comment: "another package is imported by its name, never through its 'src' or 'dist'",
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: {
        path: '^(libs|apps)/[^/]+/(src|dist)/',
        pathNot: ['^$1/$2/', '^(libs|apps)/[^/]+/src/index\\.ts$'],
      },
    },
    {
      name: 'demo-and-bench-use-packages',
      comment: 'what runs the packages takes them by their names, as a user would',
      severity: 'error',
      from: { path: '^(demo|bench)/' },
      to: { path: '^(libs|apps)/[^/]+/(src|dist)/', pathNot: '^(libs|apps)/[^/]+/src/index\\.ts$' },
    },
    {
      name: 'no-own-barrel',
      comment: "a package's index is for others; inside, import the file that has it",
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/src/', pathNot: TESTS },
      to: { path: '^$1/$2/src/index\\.ts$' },
    },
    {
      name: 'libs-know-no-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|demo|bench|test)/' },
    },
    {
      name: 'apps-know-no-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/shared/' },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/shared/'] },
    },
    {
      name: 'engine-knows-no-nest',
      comment: 'engines can be read and tested without Nest',
      severity: 'error',
      from: {
        path: [
          '^libs/(delivery|nats-server)/src/',
          '^libs/core/src/(publishing|provisioning|subjects|headers|codec|duration|clock|errors)/',
          '^libs/events/src/(routing|publishing|reading)/',
          '^libs/storage/src/(bucket|changes|blobs)/',
          '^libs/locks/src/lease/',
          '^libs/commands/src/(answers|calling|contracts|handling|serving|state|tasks|wire)/',
          '^libs/schedule/src/(timing|planning|record|keeping|handling)/',
        ],
        pathNot: TESTS,
      },
      to: { path: 'node_modules/@nestjs/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['millrace-source', 'import', 'node', 'default', 'types'],
    },
  },
};
