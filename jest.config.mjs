// One project per kind of test: `.spec.ts` is pure, `.int-spec.ts` talks to a real nats-server,
// `.e2e-spec.ts` drives the built applications.
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: true },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

const project = (displayName, roots, suffix) => ({
  displayName,
  roots: roots.map((root) => `<rootDir>/${root}`),
  testMatch: [`**/*.${suffix}.ts`],
  testEnvironment: 'node',
  // Tests and sources share one copy of every package: each resolves to its TypeScript sources.
  testEnvironmentOptions: { customExportConditions: ['millrace-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  transform: { '^.+\\.ts$': swc },
  setupFiles: ['reflect-metadata'],
});

const withRetry = (tests) => ({ ...tests, setupFilesAfterEnv: ['<rootDir>/scripts/retry.setup.mjs'] });

export default {
  // Real servers take their time on a busy machine.
  testTimeout: 20_000,
  projects: [
    project('unit', ['libs', 'apps', 'demo', 'bench', 'scripts'], 'spec'),
    withRetry(project('int', ['libs', 'apps', 'demo', 'bench', 'scripts'], 'int-spec')),
    withRetry(project('e2e', ['test'], 'e2e-spec')),
  ],
};
