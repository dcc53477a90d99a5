import { existsSync } from 'node:fs';
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
import { Manifest, MANIFESTS, schemaProblem, unknownProperties } from './manifests.fixture.js';

interface Container {
  image: string;
  env: { name: string; value?: string }[];
  securityContext: Record<string, unknown>;
  lifecycle?: { preStop: { sleep?: { seconds: number } } };
  resources: { requests: object; limits: object };
  startupProbe?: object;
  readinessProbe?: object;
  livenessProbe?: object;
}

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    automountServiceAccountToken: boolean;
    terminationGracePeriodSeconds: number;
    securityContext: Record<string, unknown>;
    containers: [Container];
    volumes: {
      secret?: { secretName: string };
      projected?: { sources: { secret?: { name: string }; configMap?: { name: string } }[] };
    }[];
  };
}

interface Kustomization {
  resources?: string[];
  secretGenerator?: { name: string; files?: string[]; envs?: string[] }[];
  configMapGenerator?: { name: string; files?: string[]; envs?: string[]; literals?: string[] }[];
  patches?: { patch: string }[];
}

const kustomization = (folder: string): Kustomization =>
  readYaml(`${folder}/kustomization.yaml`) as Kustomization;
const BASE = 'deploy/kubernetes/base';
const SECRETS = kustomization('deploy/secrets');

const find = (kind: string, folder: string): Manifest =>
  MANIFESTS.find(({ file, manifest }) => manifest.kind === kind && file.startsWith(folder))!.manifest;
const podOf = ({ spec }: Manifest): Pod => (spec as { template: Pod }).template;
const containerOf = (manifest: Manifest): Container => podOf(manifest).spec.containers[0];
const PODS = MANIFESTS.map(({ manifest }) => manifest).filter(({ kind }) =>
  ['Deployment', 'StatefulSet', 'Job'].includes(kind),
);

let secrets: Secrets;
beforeAll(async () => (secrets = await temporarySecrets()), 60_000);
afterAll(() => secrets.remove());

it.each(MANIFESTS.map(({ file, manifest }) => ({ file, manifest, kind: manifest.kind })))(
  'has in $file a $kind as its schema has it',
  ({ manifest }) => {
    expect(schemaProblem(manifest)).toBeUndefined();
  },
);

it('has no property that Kubernetes does not know', () => {
  expect(unknownProperties(MANIFESTS.map(({ manifest }) => manifest))).toEqual([]);
}, 120_000);

it('would be told of one that it does not know, and of a value of another type', () => {
  const { manifest } = MANIFESTS.find(({ manifest: { kind } }) => kind === 'Deployment')!;
  expect(unknownProperties([{ ...manifest, spec: { ...(manifest.spec as object), replica: 2 } }])).toEqual([
    expect.stringContaining('"replica"'),
  ]);
  const wrong = { ...manifest, spec: { ...(manifest.spec as object), replicas: 'two' } };
  expect(schemaProblem(wrong)).toMatch(/replicas/);
}, 120_000);

it.each([
  'deploy/nats',
  BASE,
  `${BASE}/nats`,
  `${BASE}/app`,
  ...APPS.map((app) => `${BASE}/${app}`),
  'deploy/kubernetes/overlays/local',
])('finds in %s what its kustomization names', (folder) => {
  const { resources = [], configMapGenerator = [] } = kustomization(folder);
  const files = configMapGenerator.flatMap(({ files = [], envs = [] }) => [...files, ...envs]);
  for (const name of [...resources, ...files.map((file) => file.replace(/^.*=/, ''))]) {
    expect([name, existsSync(inRoot(folder, name))]).toEqual([name, true]);
  }
});

it.each(PODS.map((manifest) => ({ manifest, kind: manifest.kind, name: manifest.metadata.name })))(
  'keeps the pods of the $kind $name within the standard "restricted"',
  ({ manifest }) => {
    const { spec } = podOf(manifest);
    const { securityContext, resources, image } = containerOf(manifest);
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: expect.any(Number),
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(resources).toMatchObject({
      requests: { cpu: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
    expect(image).not.toMatch(/:latest$/);
  },
);

it('makes its Secrets of what the script makes, and mounts no others', () => {
  const made = SECRETS.secretGenerator!.flatMap(({ files = [], envs = [] }) => [...files, ...envs]);
  expect(secrets.made).toEqual(expect.arrayContaining(made.map((file) => file.replace(/^.*=/, ''))));
  const known = [...SECRETS.secretGenerator!, ...SECRETS.configMapGenerator!].map(({ name }) => name);
  const mounted = PODS.flatMap((manifest) => podOf(manifest).spec.volumes).flatMap(
    ({ secret, projected }) => [
      ...(secret ? [secret.secretName] : []),
      ...(projected?.sources ?? []).map(({ secret: one, configMap }) => (one ?? configMap)!.name),
    ],
  );
  // What stands in every app's manifest for the Secret of that app.
  expect(known).toEqual(expect.arrayContaining(mounted.filter((name) => name !== 'millrace-app')));
});

describe('NATS', () => {
  const nats = find('StatefulSet', 'nats');

  it('has every variable of the configuration, and no other but its domain', () => {
    const variables = [...containerOf(nats).env.map(({ name }) => name), ...secrets.variablesIn('nats.env')];
    expect(variables.filter((name) => name !== 'NATS_DOMAIN').sort()).toEqual(NATS_VARIABLES);
  });

  it('has three nodes on machines of their own, of which one may be away, and time to leave', () => {
    expect(nats.spec).toMatchObject({
      replicas: 3,
      serviceName: find('Service', 'nats').metadata.name,
      template: {
        spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } } },
      },
    });
    expect(find('PodDisruptionBudget', 'nats').spec).toMatchObject({ maxUnavailable: 1 });
    const [, lameDuck] = /lame_duck_duration: (\d+)s/.exec(read('deploy/nats/nats.conf')) ?? [];
    expect(podOf(nats).spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(lameDuck) + 5);
  });
});

describe.each(APPS)('%s', (app: App) => {
  const deployment = find('Deployment', 'app');
  const { configMapGenerator = [], patches = [] } = kustomization(`${BASE}/${app}`);
  const literals = configMapGenerator.flatMap(({ literals: lines = [] }) => lines);
  const connection = read(`${BASE}/app/connection.env`).trim().split('\n');
  const pairs = (lines: readonly string[]): Environment =>
    Object.fromEntries(lines.map((line) => line.split(/=(.*)/s) as [string, string]));
  const own = (manifest: Manifest): Environment =>
    Object.fromEntries(containerOf(manifest).env.map(({ name, value = '' }) => [name, value]));

  /** Where this machine has what is mounted from the Secrets of the app. */
  const withFiles = (environment: Environment, user: string): Environment =>
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => {
        const [, key = ''] = /^\/run\/secrets\/millrace\/(.*)$/.exec(value) ?? [];
        const files = SECRETS.secretGenerator!.filter(({ name: secret }) =>
          [`millrace-${user}`, 'millrace-api-keys', 'nats-tls'].includes(secret),
        );
        const entry = files
          .flatMap((one) => one.files ?? [])
          .find((file) => file.replace(/=.*$/, '') === key);
        if (key !== '' && entry === undefined) throw new Error(`no Secret of ${user} has ${key}`);
        return [name, entry === undefined ? value : join(secrets.folder, entry.replace(/^.*=/, ''))];
      }),
    );

  it('runs twice as the user of its name, and makes nothing', () => {
    const environment = { ...pairs(connection), ...pairs(literals), ...own(deployment) };
    expect(readBy(app)).toEqual(expect.arrayContaining(Object.keys(environment)));
    const config = configOf(app, withFiles(environment, app));
    expect(config).toMatchObject({ NATS_USER: app, PROVISION: 'bind', REPLICAS: 3, PORT: 3000 });
    expect(config.NATS_PASSWORD).toBe(secrets.read(`${app}/NATS_PASSWORD`));
    expect(deployment.spec).toMatchObject({
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
    });
    expect(patches.map(({ patch }) => patch).join()).toContain(`value: millrace-${app}\n`);
  });

  it('has a job of the admin, which alone makes what it needs', () => {
    const environment = { ...pairs(connection), ...own(find('Job', 'app')) };
    expect(readBy(app)).toEqual(expect.arrayContaining(Object.keys(environment)));
    const config = configOf(app, withFiles(environment, 'admin'));
    expect(config).toMatchObject({ NATS_USER: 'admin', PROVISION: 'only', REPLICAS: 3 });
  });

  it('is asked whether it lives and is ready, and has time to drain', () => {
    const container = containerOf(deployment);
    const { startupProbe, livenessProbe, readinessProbe, lifecycle } = container;
    expect([startupProbe, livenessProbe, readinessProbe]).toMatchObject([
      { httpGet: { path: '/health/live' } },
      { httpGet: { path: '/health/live' } },
      { httpGet: { path: '/health/ready' } },
    ]);
    const drainS = 10;
    expect(podOf(deployment).spec.terminationGracePeriodSeconds).toBeGreaterThan(
      drainS + lifecycle!.preStop.sleep!.seconds,
    );
  });
});
