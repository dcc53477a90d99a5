import { validate } from 'dockerfile-utils';
import { IMAGE_ENVIRONMENT, APPS, read, readBy } from './deployment.fixture.js';

const dockerfile = read('Dockerfile');
const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

it('is what Docker accepts', () => {
  expect(
    validate(dockerfile).map(({ code, message, range }) => ({ line: range.start.line + 1, code, message })),
  ).toEqual([]);
});

it('builds with the Node that it runs on, one that the packages allow', () => {
  const [, version = ''] = /^ARG NODE_VERSION=(\d+)$/m.exec(dockerfile) ?? [];
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const [, least] = /^>=(\d+)/.exec(engines.node) ?? [];
  expect(Number(version)).toBeGreaterThanOrEqual(Number(least));
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
  const outside = bases.filter((base) => base.includes(':'));
  expect(outside.filter((base) => !base.includes('${NODE_VERSION}'))).toEqual([]);
});

it('runs no install script', () => {
  const installs = dockerfile.match(/npm (?:ci|install)[^\n]*/g) ?? [];
  expect(installs).toHaveLength(1);
  expect(installs[0]).toMatch(/^npm ci .*--ignore-scripts/);
});

it('runs the app as nobody in particular, by number, without a shell', () => {
  expect(last).toContain('\nUSER 65532:65532\n');
  expect(last).toMatch(/^FROM gcr\.io\/distroless\/nodejs/m);
  expect(last).not.toMatch(/^RUN /m);
  expect(last).toContain('\nCMD ["app/dist/main.js"]');
});

it('asks the app itself whether it lives', () => {
  expect(last).toMatch(/HEALTHCHECK[^]*CMD \["\/nodejs\/bin\/node"[^]*\/health\/live/);
  expect(read('apps/shared/src/health/health.controller.ts')).toMatch(
    /@Controller\('health'\)[^]*@Get\('live'\)/,
  );
});

it.each(APPS)('sets no variable that %s does not read', (app) => {
  expect(IMAGE_ENVIRONMENT).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' });
  expect(readBy(app)).toEqual(expect.arrayContaining(Object.keys(IMAGE_ENVIRONMENT)));
});
