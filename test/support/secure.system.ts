import { connect, ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { AppName, AppProcess } from './app.process.js';
import { inRepository } from './workspace.js';

/** Who may connect: the apps, and a client that may ask for users and do nothing else. */
const USERS = ['user', 'order', 'caller'] as const;
export type SecureUser = (typeof USERS)[number];

const CALLER_RIGHTS = {
  publish: ['commands.user.*', '$SRV.>'],
  subscribe: ['_INBOX.>'],
};

/** A server that speaks TLS and asks who one is; app processes with a password each; clients with theirs. */
export class SecureSystem {
  private readonly apps: AppProcess[] = [];
  private readonly clients: NatsConnection[] = [];

  private constructor(
    readonly server: NatsServer,
    private readonly folder: string,
    private readonly passwords: Readonly<Record<SecureUser, string>>,
  ) {}

  static async start(): Promise<SecureSystem> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-secure-'));
    await promisify(execFile)(process.execPath, [inRepository('scripts/secrets.mjs'), '--into', folder]);
    const password = (): string => randomBytes(24).toString('hex');
    const passwords = { user: password(), order: password(), caller: password() };
    const server = await startNatsServer({
      config: {
        tls: { cert_file: join(folder, 'nats.pem'), key_file: join(folder, 'nats.key') },
        authorization: {
          users: USERS.map((user) => ({
            user,
            password: passwords[user],
            ...(user === 'caller' ? { permissions: CALLER_RIGHTS } : {}),
          })),
        },
      },
    });
    return new SecureSystem(server, folder, passwords);
  }

  /** By name: the certificate is for that. */
  get url(): string {
    return `tls://localhost:${this.server.port}`;
  }

  get authority(): string {
    return join(this.folder, 'ca.pem');
  }

  get encryptionKeys(): string {
    return this.secret('user/ENCRYPTION_KEYS');
  }

  passwordOf(user: SecureUser): string {
    return this.passwords[user];
  }

  async startApp(name: Extract<AppName, SecureUser>, env: Record<string, string> = {}): Promise<AppProcess> {
    const app = await AppProcess.start(name, this.url, {
      NATS_USER: name,
      NATS_PASSWORD: this.passwords[name],
      NATS_CA: this.authority,
      ENCRYPTION_KEYS: this.encryptionKeys,
      EMAIL_INDEX_KEY: this.secret('user/EMAIL_INDEX_KEY'),
      ...env,
    });
    this.apps.push(app);
    return app;
  }

  /** Any NATS client. */
  async connect(user: SecureUser, overrides: Partial<ConnectionOptions> = {}): Promise<NatsConnection> {
    const client = await connect({
      servers: this.url,
      user,
      pass: this.passwords[user],
      tls: { caFile: this.authority },
      reconnect: false,
      ...overrides,
    });
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.end('SIGKILL')));
    await Promise.all(this.clients.map((client) => client.close()));
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private secret(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8').trim();
  }
}
