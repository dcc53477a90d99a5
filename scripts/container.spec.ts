import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadConfig } from '../apps/shared/src/config/config.loader.js';
import { OrderConfig } from '../apps/order/src/order.config.js';
import { SchedulerConfig } from '../apps/scheduler/src/scheduler.config.js';
import { UserConfig } from '../apps/user/src/user.config.js';
import { inRoot } from './lib/workspace.mjs';

interface Service {
  image?: string;
  build?: { context: string; args: Record<string, string> };
  environment?: Record<string, string>;
  ports: string[];
  command?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
}

// There is no container engine where the tests run: what can be read is held against the apps.
const yaml = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };
const read = (file: string): string => readFileSync(inRoot(file), 'utf8');
const { services, volumes } = yaml.load(read('docker-compose.yml')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const dockerfile = read('Dockerfile');

const CONFIGS = { user: UserConfig, order: OrderConfig, scheduler: SchedulerConfig };
const apps = Object.entries(CONFIGS).map(([name, config]) => ({ name, config, service: services[name]! }));

/** What whoever starts the containers has to bring. */
const SECRETS: Readonly<Record<string, string>> = {
  API_KEYS: `web-shop:service:${'ab'.repeat(32)}`,
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  EMAIL_INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
};

describe('docker-compose.yml', () => {
  it('runs NATS and every app, and nothing else', () => {
    expect(Object.keys(services).sort()).toEqual(['nats', 'order', 'scheduler', 'user']);
  });

  it('runs a NATS that keeps what JetStream stores', () => {
    const { image, command, healthcheck } = services['nats']!;
    const [, major, minor] = /^nats:(\d+)\.(\d+)/.exec(image ?? '') ?? [];
    expect([Number(major), Number(minor) >= 14]).toEqual([2, true]);
    expect(command).toEqual(expect.arrayContaining(['--jetstream', '--store_dir=/data']));
    expect(Object.keys(volumes)).toEqual(['nats-data']);
    const port = command?.find((flag) => flag.startsWith('--http_port='))?.split('=')[1];
    expect(healthcheck?.test.join(' ')).toContain(`127.0.0.1:${port}/healthz`);
  });

  it.each(apps)('builds $name from its own program', ({ name, service }) => {
    expect(service.build).toEqual({ context: '.', args: { APP: name } });
    expect(existsSync(inRoot(`apps/${name}/src/main.ts`))).toBe(true);
    expect(dockerfile).toContain('ARG APP');
  });

  it.each(apps)(
    'gives $name an environment that it accepts, and no variable that it does not read',
    (app) => {
      const { config, service } = app;
      const environment = Object.fromEntries(
        Object.entries(service.environment ?? {}).map(([name, value]) => [name, SECRETS[name] ?? value]),
      );
      const own = new config();
      for (const secret of ['API_KEYS', ...('secrets' in own ? own.secrets : [])]) {
        expect(service.environment?.[secret]).toContain(`\${${secret}:?`);
      }
      expect(Object.keys(new config())).toEqual(expect.arrayContaining(Object.keys(environment)));
      const loaded = loadConfig<UserConfig | OrderConfig | SchedulerConfig>(config, environment);
      expect(loaded.NATS_URL).toBe('nats://nats:4222');
      // Reachable from outside the container, by the port that the host passes on, which is the app's usual one.
      expect(loaded.HOST).toBe('0.0.0.0');
      expect(service.ports).toEqual([`127.0.0.1:${loaded.PORT}:${loaded.PORT}`]);
      expect(loaded.PORT).toBe(new config().PORT);
    },
  );

  it.each(apps)('starts $name when NATS is healthy', ({ service }) => {
    expect(service.depends_on).toEqual({ nats: { condition: 'service_healthy' } });
  });
});

describe('Dockerfile', () => {
  it('builds on the version of Node that the repository asks for', () => {
    expect(dockerfile).toContain(`ARG NODE_VERSION=${read('.nvmrc').trim()}\n`);
  });

  it('runs no install script, and not as root', () => {
    const installs = dockerfile.match(/npm ci [^\n]*/g) ?? [];
    expect(installs).toHaveLength(2);
    for (const install of installs) expect(install).toContain('--ignore-scripts');
    expect(dockerfile.lastIndexOf('\nUSER node\n')).toBeGreaterThan(dockerfile.lastIndexOf('\nFROM '));
  });

  it('asks the app itself whether it lives', () => {
    expect(dockerfile).toMatch(/HEALTHCHECK[^]*\/health\/live/);
    expect(read('apps/shared/src/health/health.controller.ts')).toMatch(
      /@Controller\('health'\)[^]*@Get\('live'\)/,
    );
  });

  it('sets no variable that the apps do not read, APP and NODE_ENV aside', () => {
    const [, set = ''] = /^ENV (.*)$/m.exec(dockerfile) ?? [];
    const names = [...set.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name);
    expect(names).toEqual(expect.arrayContaining(['HOST', 'PORT']));
    const known = [...Object.keys(new UserConfig()), 'APP', 'NODE_ENV'];
    expect(known).toEqual(expect.arrayContaining(names));
  });
});
