import { readFileSync } from 'node:fs';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { permissionsFile } from '../../scripts/lib/permissions.mjs';
import { AppName, AppProcess, runApp } from './app.process.js';

export const APP_NAMES = ['order', 'scheduler', 'user'] as const satisfies readonly AppName[];

/** Who may do everything. */
export const ADMIN = { user: 'admin', pass: 'admin-password' };

export const credentialsOf = (app: AppName): { user: string; pass: string } => ({
  user: app,
  pass: `${app}-password`,
});

const VIOLATION = /violation/i;

const usersConfig = (): string => {
  const users = APP_NAMES.map((app) => {
    const { user, pass } = credentialsOf(app);
    const permissions = readFileSync(permissionsFile(app), 'utf8');
    return `{ user: ${user}, password: "${pass}", permissions: {\n${permissions}\n} }`;
  });
  return `authorization { users: [\n{ user: ${ADMIN.user}, password: "${ADMIN.pass}" }\n${users.join('\n')}\n] }`;
};

/** A server whose users may do what the deployed ones may. */
export class GuardedServer {
  private constructor(
    readonly server: NatsServer,
    /** What the server has refused so far, as its log tells. */
    readonly violations: string[],
  ) {}

  static async start(): Promise<GuardedServer> {
    const violations: string[] = [];
    const server = await startNatsServer({
      config: usersConfig(),
      onLog: (line) => void (VIOLATION.test(line) && violations.push(line)),
    });
    return new GuardedServer(server, violations);
  }

  /** Has an app make what it needs, as whoever may. Resolves to the exit code. */
  async provision(app: AppName): Promise<void> {
    const { code, log } = await runApp(app, this.server.url, this.environment(ADMIN, 'only'));
    if (code !== 0) throw new Error(`${app} could not provision: ${log}`);
  }

  /** Starts an app as its own user. */
  startApp(app: AppName): Promise<AppProcess> {
    return AppProcess.start(app, this.server.url, this.environment(credentialsOf(app), 'bind'));
  }

  private environment({ user, pass }: typeof ADMIN, PROVISION: string): Record<string, string> {
    return { NATS_USER: user, NATS_PASSWORD: pass, PROVISION, TICK_INTERVAL: '500ms' };
  }
}
