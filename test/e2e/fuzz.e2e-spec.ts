import { Validator } from '@seriousme/openapi-schema-validator';
import { AppName, AppProcess } from '../support/app.process.js';
import { fuzzApi } from '../support/fuzz/api.fuzz.js';
import { closeConnections } from '../support/fuzz/http.sender.js';
import { type OpenApi, type Route, routesOf } from '../support/fuzz/openapi.js';
import { FUZZ } from '../support/fuzz/settings.js';
import { createOrder, registerUser, System } from '../support/system.js';

const APPS: readonly AppName[] = ['user', 'order', 'scheduler'];

/** Where health is asked for, nobody needs a key and nobody is counted. */
const isOpen = ({ path }: Route): boolean => path.startsWith('/health');

describe('the HTTP APIs', () => {
  let system: System;
  let apps: { app: AppProcess; api: OpenApi; routes: Route[] }[];

  beforeAll(async () => {
    console.log(`The fuzz has the seed ${FUZZ.seed}: FUZZ_SEED=${FUZZ.seed} repeats it`);
    system = await System.start();
    const started = await Promise.all(APPS.map((name) => system.startApp(name)));
    apps = await Promise.all(
      started.map(async (app) => {
        const { body: api } = await app.get<OpenApi>('/docs-json');
        return { app, api, routes: routesOf(api) };
      }),
    );
  }, 60_000);
  afterAll(async () => {
    closeConnections();
    await system.stop();
  });

  it('are described as OpenAPI wants it, with every answer that a route may give', async () => {
    for (const { app, api, routes } of apps) {
      const { valid, errors } = await new Validator().validate({ ...api });
      expect({ app: app.name, valid, errors }).toMatchObject({ valid: true });
      expect(routes.length).toBeGreaterThan(3);
      for (const route of routes.filter((candidate) => !isOpen(candidate))) {
        const documented = {
          route: `${route.method} ${route.path}`,
          answers: Object.keys(route.operation.responses),
        };
        expect(documented).toEqual({
          route: documented.route,
          answers: expect.arrayContaining(['400', '401', '403', '429', '503']),
        });
        expect(documented.answers.some((status) => status.startsWith('2'))).toBe(true);
      }
    }
  });

  it(
    'answer whatever is sent to them without failing, and without a stack',
    async () => {
      const [user, order] = apps;
      const findings = await Promise.all(
        apps.map(async ({ app, api }) => {
          // Each has things of its own: what one API is told to remove, another is still to find.
          const userId = await registerUser(user!.app);
          const ids = [userId, await createOrder(order!.app, userId)];
          return fuzzApi({ app: app.name, url: app.url, api, ids });
        }),
      );
      const sent = findings.reduce((sum, found) => sum + found.sent, 0);
      console.log(`${sent} requests to ${apps.flatMap(({ routes }) => routes).length} routes`);
      expect(findings.flatMap(({ faults }) => faults).join('\n\n')).toBe('');
      // Thousands where the machine has time for them.
      expect(sent).toBeGreaterThan(300);
      for (const { app } of apps) {
        expect(app.running).toBe(true);
        expect(app.output).not.toMatch(/UnhandledPromiseRejection|uncaughtException/);
        expect(await app.get('/health/ready')).toMatchObject({ status: 200 });
      }
    },
    FUZZ.seconds * 1000 + 90_000,
  );
});
