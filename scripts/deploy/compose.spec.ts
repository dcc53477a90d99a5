import { X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inRoot } from '../lib/workspace.mjs';
import {
  App,
  APPS,
  configOf,
  Environment,
  NATS_VARIABLES,
  read,
  readBy,
  readYaml,
  Secrets,
  temporarySecrets,
} from './deployment.fixture.js';

interface Service {
  image: string;
  user?: string;
  build?: { context: string; args: Record<string, string> };
  command?: string[];
  environment?: Environment;
  env_file?: string;
  secrets?: string[];
  volumes?: string[];
  ports?: string[];
  networks?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
  deploy?: { replicas?: number; resources: { limits: Record<string, unknown> } };
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
}

const compose = readYaml('docker-compose.yml') as Compose;
const { services } = compose;
const service = (name: string): Service => services[name]!;
const NODES = ['nats-0', 'nats-1', 'nats-2'];

// Its own types need a bundler to be found.
const { DCLinter } = createRequire(import.meta.url)('dclint') as {
  DCLinter: new (options: {
    rules: Record<string, number>;
    quiet: boolean;
    debug: boolean;
    exclude: string[];
  }) => {
    lintFiles: (
      paths: string[],
      recursively: boolean,
    ) => { messages: { rule: string; message: string; line: number }[] }[];
  };
};

let secrets: Secrets;
beforeAll(async () => (secrets = await temporarySecrets()), 60_000);
afterAll(() => secrets.remove());

/** A service's environment, with the files of the secrets where this machine has them. */
const environmentOf = ({ environment = {}, secrets: mounted = [] }: Service): Environment =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      const [, secret] = /^\/run\/secrets\/(.*)$/.exec(value) ?? [];
      if (secret === undefined) return [name, value];
      expect(mounted).toContain(secret);
      return [name, join(secrets.folder, compose.secrets[secret]!.file.replace('deploy/secrets/', ''))];
    }),
  );

it('is what the schema of Compose allows, and what its linter advises', () => {
  const off = [
    // A service and the one that provisions for it share an image, which either of them builds.
    'no-build-and-image',
    // The order is that of reading.
    'services-alphabetical-order',
    'service-keys-order',
    'service-dependencies-alphabetical-order',
    'top-level-properties-order',
  ];
  const linter = new DCLinter({
    rules: Object.fromEntries(off.map((rule) => [rule, 0])),
    quiet: true,
    debug: false,
    exclude: [],
  });
  const [found] = linter.lintFiles([inRoot('docker-compose.yml')], false);
  expect(found?.messages.map(({ rule, message, line }) => `${line}: ${rule}: ${message}`)).toEqual([]);
});

it('runs three NATS nodes and every app, after what they need', () => {
  const provisioning = APPS.map((app) => `provision-${app}`);
  expect(Object.keys(services).sort()).toEqual(['volumes', ...NODES, ...APPS, ...provisioning].sort());
});

it.each(Object.keys(services))('locks %s down', (name) => {
  const { read_only, cap_drop, security_opt } = service(name);
  expect([read_only, cap_drop, security_opt]).toEqual([true, ['ALL'], ['no-new-privileges:true']]);
});

it.each([...NODES, ...APPS])('bounds what %s takes', (name) => {
  expect(service(name).deploy?.resources.limits).toEqual({
    cpus: expect.any(String),
    memory: expect.stringMatching(/^\d+M$/),
    pids: expect.any(Number),
  });
});

it('publishes nothing beyond this machine', () => {
  const published = Object.values(services).flatMap(({ ports = [] }) => ports);
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

it('mounts the secrets that the script makes, and nothing that is in the repository', () => {
  const files = Object.values(compose.secrets).map(({ file }) => file.replace('deploy/secrets/', ''));
  expect(secrets.made).toEqual(expect.arrayContaining(files));
  expect(secrets.made).toContain(service('nats-0').env_file?.replace('deploy/secrets/', ''));
  expect(read('.gitignore')).toContain('deploy/secrets/*\n');
  expect(read('.dockerignore').split('\n')).toContain('deploy');
});

describe.each(NODES)('%s', (name) => {
  const node = service(name);

  it('runs the configuration of deploy/nats on a recent server, not as root', () => {
    const [, major, minor] = /^nats:(\d+)\.(\d+)/.exec(node.image) ?? [];
    expect([Number(major), Number(minor) >= 14]).toEqual([2, true]);
    expect(node.command).toEqual(['nats-server', '--config', '/etc/nats/nats.conf']);
    expect(node.volumes).toEqual(['./deploy/nats:/etc/nats:ro', `${name}:/data`]);
    expect(node.user).toBe('1000:1000');
  });

  it('has every variable of it, and no other', () => {
    const variables = [...Object.keys(node.environment!), ...secrets.variablesIn('nats.env')];
    expect(variables.sort()).toEqual(NATS_VARIABLES);
    expect(node.environment).toMatchObject({ NATS_NAME: name, NATS_STORE: '/data' });
    for (const other of NODES) expect(node.environment?.['NATS_ROUTES']).toContain(`//${other}:6222`);
  });

  it('is asked for its health where it tells', () => {
    expect(node.healthcheck?.test.join(' ')).toContain(
      `http://${node.environment?.['NATS_MONITOR']}/healthz`,
    );
  });

  it('tells clients and nodes a name that its certificate has', () => {
    const certificate = new X509Certificate(secrets.read('nats.pem'));
    for (const variable of ['NATS_ADVERTISE', 'NATS_CLUSTER_ADVERTISE']) {
      const [host = ''] = node.environment![variable]!.split(':');
      expect(certificate.checkHost(host)).toBe(host);
    }
  });
});

describe.each(APPS)('%s', (app: App) => {
  const provision = service(`provision-${app}`);

  it('runs twice, as the user of its name, and makes nothing', () => {
    const config = configOf(app, environmentOf(service(app)));
    expect(service(app).deploy?.replicas).toBe(2);
    expect(config).toMatchObject({ NATS_USER: app, PROVISION: 'bind', REPLICAS: 3, NODE_ENV: 'production' });
    expect(config.NATS_PASSWORD).toBe(secrets.read(`${app}/NATS_PASSWORD`));
    expect(config.API_KEYS).toBe(secrets.read('API_KEYS'));
  });

  it('starts when the admin has made what it needs, of the same image', () => {
    const config = configOf(app, environmentOf(provision));
    expect(config).toMatchObject({ NATS_USER: 'admin', PROVISION: 'only', REPLICAS: 3 });
    expect(config.NATS_PASSWORD).toBe(secrets.read('admin/NATS_PASSWORD'));
    expect(service(app).depends_on).toEqual({
      [`provision-${app}`]: { condition: 'service_completed_successfully' },
    });
    expect(Object.keys(provision.depends_on!)).toEqual(NODES);
    expect([service(app).image, service(app).build]).toEqual([provision.image, provision.build]);
    expect(service(app).build).toEqual({ context: '.', args: { APP: app } });
  });

  it('is told nothing that it does not read', () => {
    for (const { environment = {} } of [service(app), provision]) {
      expect(readBy(app)).toEqual(expect.arrayContaining(Object.keys(environment)));
    }
  });

  it('reaches every node by a name that the certificate has, over TLS', () => {
    const { NATS_URL, NATS_CA } = configOf(app, environmentOf(service(app)));
    expect(NATS_URL.split(',')).toEqual(NODES.map((node) => `tls://${node}:4222`));
    expect(NATS_CA).toBe(join(secrets.folder, 'ca.pem'));
  });

  it('has a port of this machine for each replica, and time to drain', () => {
    const { PORT, HOST } = configOf(app, environmentOf(service(app)));
    const [, first, last, inside] = /^127\.0\.0\.1:(\d+)-(\d+):(\d+)$/.exec(service(app).ports!.join()) ?? [];
    expect([Number(last) - Number(first), Number(inside), HOST]).toEqual([1, PORT, '0.0.0.0']);
    expect(Number.parseInt(service(app).stop_grace_period!, 10)).toBeGreaterThan(10);
  });
});
