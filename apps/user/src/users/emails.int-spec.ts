import { createHash } from 'node:crypto';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  everythingStored,
  startApp,
  storedEvents,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from '../app.module.js';
import { UserConfig } from '../user.config.js';

const REQUESTS = 200;

let server: NatsServer;
let app: TestApp;
let other: TestApp;

// Answers come late where all ask at once on a busy machine; what is tested is which.
const start = (): Promise<TestApp> =>
  startApp(AppModule, testConfig(UserConfig, server, { PUBLISH_DEADLINE: '20s' }));
const register = (email: string, fields: object = {}) =>
  app.request('POST', '/users', { name: 'Ada Lovelace', email, ...fields });
const idOf = ({ body }: { body: unknown }): string => (body as { id: string }).id;

const registerAtOnce = async (email: string): Promise<string> => {
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, nr) =>
      (nr % 2 === 0 ? app : other).request('POST', '/users', { name: `Nr ${nr}`, email }),
    ),
  );
  const [winner, ...more] = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 409);
  expect({ winners: more.length + 1, refused: refused.length }).toEqual({
    winners: 1,
    refused: REQUESTS - 1,
  });
  for (const { body } of refused) expect(body).toMatchObject({ code: 'EMAIL_TAKEN' });
  if (!winner) throw new Error('Nobody won');
  return idOf(winner);
};

const announced = async (event: string): Promise<string[]> =>
  (await storedEvents(app.connection, 'user'))
    .filter(({ subject }) => subject.startsWith(`events.user.${event}.`))
    .map(({ body }) => String(body['userId']));

beforeAll(async () => {
  server = await startNatsServer();
  [app, other] = [await start(), await start()];
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await other?.stop();
  await server?.stop();
});

describe('an email', () => {
  it('goes to one of two hundred who want it at once, and again when it is free again', async () => {
    const first = await registerAtOnce('wanted@example.org');
    expect(await app.request('DELETE', `/users/${first}`)).toMatchObject({ status: 204 });
    const second = await registerAtOnce('wanted@example.org');
    expect(second).not.toBe(first);
    const { body } = await app.request('GET', '/users');
    expect((body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([second]);
    await until('both are announced', async () => (await announced('registered')).length === 2);
    expect(await announced('registered')).toEqual([first, second]);
  }, 120_000);

  it('is one in all its spellings', async () => {
    expect(await register('Spelt@Example.org')).toMatchObject({
      status: 201,
      body: { email: 'Spelt@Example.org' },
    });
    expect(await register('spelt@example.ORG')).toMatchObject({
      status: 409,
      body: { code: 'EMAIL_TAKEN' },
    });
  });

  it('stays free where the id is taken', async () => {
    expect(await register('a@example.org', { id: 'taken' })).toMatchObject({ status: 201 });
    expect(await register('b@example.org', { id: 'taken' })).toMatchObject({
      status: 409,
      body: { code: 'USER_EXISTS' },
    });
    expect(await register('b@example.org')).toMatchObject({ status: 201 });
  });

  it("is left and taken by many at once without ever being stuck, or two users'", async () => {
    const email = 'coming.and.going@example.org';
    await Promise.all(
      Array.from({ length: 4 }, async (_, nr) => {
        for (let round = 0; round < 5; round++) {
          const answer = await (nr % 2 === 0 ? app : other).request('POST', '/users', { name: 'A', email });
          if (answer.status === 201) {
            const left = await other.request('DELETE', `/users/${idOf(answer)}`);
            expect(left.status).toBe(204);
          } else expect(answer.body).toMatchObject({ code: 'EMAIL_TAKEN' });
        }
      }),
    );
    expect(await register(email)).toMatchObject({ status: 201 });
  }, 60_000);

  it('is nowhere to be read, neither stored nor in a subject', async () => {
    const email = 'secret.person@example.org';
    const { body } = await register(email, { id: 'secret' });
    expect(body).toMatchObject({ email });
    expect(await app.request('GET', '/users/secret')).toMatchObject({ body: { email } });
    await until('it is announced', async () => (await announced('registered')).includes('secret'));
    const stored = await everythingStored(app.connection);
    expect(stored).toContain('$KV.users.user=3Asecret');
    expect(stored).toContain('events.user.registered.secret');
    expect(stored).toContain('"$encrypted"');
    const digest = createHash('sha256').update(email).digest();
    const traces = [
      email,
      'secret.person',
      'secret=2Eperson',
      digest.toString('hex'),
      digest.toString('base64'),
    ];
    for (const trace of traces) expect(stored).not.toContain(trace);
    // Nor any of the other tests'.
    expect(stored).not.toMatch(/@example\.org|=40example/i);
  });
});
