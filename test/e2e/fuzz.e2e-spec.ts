import { Validator } from '@seriousme/openapi-schema-validator';
import { AppName, AppProcess } from '../support/app.process.js';
import { randomBytes } from 'node:crypto';
import { type MillraceConnection, openConnection, silentLog, staticKeys } from '@millrace/core';
import { allContracts } from '../support/fuzz/contract.samples.js';
import { type FuzzedEvent, fuzzedEvents } from '../support/fuzz/event.fuzz.js';
import { letterOf, placeOf } from '../support/bare.client.js';
import { fuzzApi } from '../support/fuzz/api.fuzz.js';
import { closeConnections } from '../support/fuzz/http.sender.js';
import { type OpenApi, type Route, routesOf } from '../support/fuzz/openapi.js';
import { FUZZ } from '../support/fuzz/settings.js';
import { eventually } from '../support/eventually.js';
import { createOrder, registerUser, System } from '../support/system.js';

const APPS: readonly AppName[] = ['user', 'order', 'scheduler'];

/** What a process says that ends, or should. */
const UNCAUGHT = /UnhandledPromiseRejection|uncaughtException|triggerUncaught/;
/** Why an event is dead that no handler was asked about. */
const BREACHES = new Set(['EVENT_INVALID', 'EVENT_UNREADABLE', 'EVENT_VERSION_UNKNOWN', 'KEY_UNKNOWN']);

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
        expect(app.output).not.toMatch(UNCAUGHT);
        expect(await app.get('/health/ready')).toMatchObject({ status: 200 });
      }
    },
    FUZZ.seconds * 1000 + 90_000,
  );
});

describe('the events', () => {
  let system: System;
  let apps: AppProcess[];
  let connection: MillraceConnection;

  beforeAll(async () => {
    const secret = randomBytes(32);
    const keys = staticKeys([{ id: 'fuzz', secret }]);
    const env = { ENCRYPTION_KEYS: `fuzz:${secret.toString('base64')}`, LOG_LEVEL: 'error' };
    system = await System.start();
    apps = await Promise.all(APPS.map((name) => system.startApp(name, env)));
    connection = await openConnection(
      { name: 'fuzz', servers: system.server.url, encryption: { keys } },
      silentLog,
    );
  }, 60_000);
  afterAll(async () => {
    await connection.close();
    await system.stop();
  });

  it('that are malformed are dead letters of every group with their cause, and hold up none of the others', async () => {
    const { client } = system;
    const groups = await client.groups();
    const published: (FuzzedEvent & { stream: string; sequence: number })[] = [];
    const contracts = allContracts().filter(({ type }) => groups.some((group) => group.type === type));
    expect(contracts.length).toBeGreaterThan(3);
    for (const contract of contracts) {
      for (const event of await fuzzedEvents(contract, connection)) {
        const { stream, seq } = await client.publishBytes(event.subject, event.payload, event.headers);
        published.push({ ...event, stream, sequence: seq });
      }
    }
    const expected = published.flatMap((event) =>
      groups.filter(({ type }) => type === event.type).map(({ group }) => ({ ...event, group })),
    );
    const of = (kind: FuzzedEvent['kind']): Set<string> =>
      new Set(expected.filter((event) => event.kind === kind).map(placeOf));
    const letters = await eventually(async () => {
      const found = (await client.read('DEAD_LETTERS', 'dead.>')).map(({ headers }) => letterOf(headers));
      const dead = new Set(found.map(placeOf));
      expect([...of('wrong')].filter((place) => !dead.has(place))).toEqual([]);
      return found;
    }, 60_000);
    for (const { code, message } of letters) expect(`${code}${message}`).not.toBe('');
    await eventually(() => {
      const handled = new Set(client.handled.map(placeOf));
      expect([...of('right')].filter((place) => !handled.has(place))).toEqual([]);
    }, 30_000);
    const refused = new Set(letters.filter(({ code }) => BREACHES.has(code)).map(placeOf));
    expect([...of('right')].filter((place) => refused.has(place))).toEqual([]);
    console.log(`${published.length} events of ${contracts.length} types, ${letters.length} dead letters`);
    for (const app of apps) {
      expect(app.running).toBe(true);
      expect(app.output).not.toMatch(UNCAUGHT);
      expect(await app.get('/health/ready')).toMatchObject({ status: 200 });
    }
  }, 150_000);
});
