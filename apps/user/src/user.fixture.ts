import { TimerTicked } from '@millrace/contracts';
import { startNatsServer } from '@millrace/nats-server';
import {
  type Answer,
  startApp,
  startOutside,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from './app.module.js';
import { UserConfig } from './user.config.js';

export const NAME = 'Ada Lovelace';

/** Ada under an id, with an email that nobody else has. */
export const ada = (id: string) => ({
  id,
  name: NAME,
  email: `ada+${Buffer.from(id).toString('hex')}@example.org`,
});

export const pathOf = (id: string): string => `/users/${encodeURIComponent(id)}`;

export interface Listed {
  items: { id: string; type?: string; origin?: string; name?: string; text?: string }[];
  nextOffset?: number;
  nextAfter?: number;
}

export const listed = ({ body }: Answer): Listed => body as Listed;

/** The user app on a server of its own, and replicas of it. */
export const startUserApp = async (overrides: Partial<UserConfig> = {}) => {
  const server = await startNatsServer();
  const replica = (more: Partial<UserConfig> = {}): Promise<TestApp> =>
    startApp(AppModule, testConfig(UserConfig, server, { ...overrides, ...more }));
  const app = await replica();
  const outside = await startOutside(server);
  return {
    server,
    app,
    outside,
    replica,
    register: async (id: string): Promise<void> => {
      expect(await app.request('POST', '/users', ada(id))).toMatchObject({ status: 201 });
    },
    /** How many events of that name there are about a user. */
    eventsAbout: async (id: string, event: string): Promise<number> =>
      (await storedEvents(app.connection, 'user')).filter(
        ({ subject, body }) => subject.startsWith(`events.user.${event}.`) && body['userId'] === id,
      ).length,
    notificationsOf: async (id: string): Promise<Listed['items']> =>
      listed(await app.request('GET', `${pathOf(id)}/notifications?limit=200`)).items,
    ready: () => until('it is ready', async () => (await app.request('GET', '/health/ready')).status === 200),
    stop: async (): Promise<void> => {
      await outside.stop();
      await app.stop();
      await server.stop();
    },
  };
};

export type UserApp = Awaited<ReturnType<typeof startUserApp>>;

export const tick = (at: string): TimerTicked =>
  new TimerTicked({ schedule: 'timer', tick: 1, scheduledFor: at, firedAt: at });
