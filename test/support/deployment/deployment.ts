import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NatsServer } from '@millrace/nats-server';
import { AppName, AppProcess } from '../app.process.js';
import { inRepository } from '../workspace.js';
import { startNodes } from './nats.nodes.js';

const run = promisify(execFile);

export const APPS = ['user', 'order', 'scheduler'] as const;

/** The secrets of each app beside its NATS password, as compose mounts them. */
const SECRETS: Readonly<Record<AppName, readonly string[]>> = {
  user: ['ENCRYPTION_KEYS', 'EMAIL_INDEX_KEY'],
  order: ['ENCRYPTION_KEYS'],
  scheduler: ['ENCRYPTION_KEYS'],
};

/**
 * What compose and Kubernetes run, as processes of this machine: the secrets of `npm run secrets`, three NATS nodes with
 * TLS, and the apps from the files of their images, with the environment that they have there.
 */
export class Deployment {
  private readonly apps: AppProcess[] = [];

  private constructor(
    private readonly folder: string,
    readonly nodes: readonly NatsServer[],
    /** What the nodes have refused their users so far, as their logs tell. */
    readonly violations: readonly string[],
  ) {}

  static async start(): Promise<Deployment> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-deployment-'));
    const secrets = join(folder, 'secrets');
    await node('scripts/secrets.mjs', '--into', secrets);
    const violations: string[] = [];
    const [nodes] = await Promise.all([
      startNodes(
        { secrets, data: join(folder, 'data') },
        (line) => void (/violation/i.test(line) && violations.push(line)),
      ),
      ...APPS.map((app) => node('scripts/image.mjs', app, join(folder, 'images', app))),
    ]);
    return new Deployment(folder, nodes, violations);
  }

  get natsUrl(): string {
    return this.nodes.map(({ port }) => `tls://localhost:${port}`).join(',');
  }

  get authority(): string {
    return this.secretFile('ca.pem');
  }

  /** Of scope `admin`. */
  get apiKey(): string {
    return this.secret('operator.key').trim();
  }

  secret(name: string): string {
    return readFileSync(this.secretFile(name), 'utf8');
  }

  /** Makes what an app needs, as the admin, in a process that ends by itself. */
  async provision(app: AppName): Promise<void> {
    const env = { ...this.connectionOf('admin'), PROVISION: 'only' };
    const child = spawn(process.execPath, [this.programOf(app)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`provisioning ${app} ended with ${code}:\n${log}`);
  }

  /** One replica, as its own user. */
  async startApp(name: AppName, more: Record<string, string> = {}): Promise<AppProcess> {
    const app = await AppProcess.launch({
      name,
      program: this.programOf(name),
      apiKey: this.apiKey,
      // Five of them start at once, on three nodes that do too.
      readyTimeoutMs: 120_000,
      env: { ...this.connectionOf(name), ...this.secretsOf(name), PROVISION: 'bind', ...more },
    });
    this.apps.push(app);
    return app;
  }

  /** Everything that the apps have logged so far. */
  get logs(): string {
    return this.apps.map(({ name, output }) => `${name}:\n${output}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.end('SIGKILL')));
    await Promise.all(this.nodes.map((server) => server.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private secretFile(name: string): string {
    return join(this.folder, 'secrets', name);
  }

  private programOf(app: AppName): string {
    return join(this.folder, 'images', app, 'app/dist/main.js');
  }

  private connectionOf(user: AppName | 'admin'): Record<string, string> {
    return {
      NODE_ENV: 'production',
      NATS_URL: this.natsUrl,
      NATS_CA: this.authority,
      NATS_USER: user,
      NATS_PASSWORD_FILE: this.secretFile(`${user}/NATS_PASSWORD`),
      REPLICAS: '3',
    };
  }

  private secretsOf(app: AppName): Record<string, string> {
    const own = SECRETS[app].map((name) => [`${name}_FILE`, this.secretFile(`${app}/${name}`)]);
    return { ...Object.fromEntries(own), API_KEYS_FILE: this.secretFile('API_KEYS') } as Record<
      string,
      string
    >;
  }
}

const node = async (script: string, ...args: string[]): Promise<void> => {
  await run(process.execPath, [inRepository(script), ...args], { cwd: inRepository('.') });
};
