import { storedEvents, type TestApp, until } from '@millrace-apps/shared/testing';
import { startUserApp, type UserApp } from '../user.fixture.js';

let user: UserApp;
let other: TestApp;

beforeAll(async () => {
  // Answers come late where many ask at once on a busy machine; what is tested is which.
  user = await startUserApp({ PUBLISH_DEADLINE: '20s' });
  other = await user.replica();
}, 60_000);
afterAll(async () => {
  await other?.stop();
  await user?.stop();
});

const patch = (id: string, changes: unknown, app = user.app) => app.request('PATCH', `/users/${id}`, changes);
const register = (id: string, email = `${id}@example.org`) =>
  user.app.request('POST', '/users', { id, name: 'Ada', email });
const updates = async (id: string) =>
  (await storedEvents(user.app.connection, 'user')).filter(
    ({ subject }) => subject === `events.user.updated.${id}`,
  );

describe('updating', () => {
  it('changes the name, the email or both, and tells what', async () => {
    const { body: before } = await register('ada');
    const renamed = await patch('ada', { name: 'Ada King' });
    expect(renamed).toMatchObject({ status: 200, body: { ...(before as object), name: 'Ada King' } });
    const both = await patch('ada', { name: 'Ada', email: 'ada.king@example.org' });
    expect(both).toMatchObject({ status: 200, body: { name: 'Ada', email: 'ada.king@example.org' } });
    expect((await user.app.request('GET', '/users/ada')).body).toEqual(both.body);
    const [first, second] = await until('both are announced', async () => {
      const found = await updates('ada');
      return found.length === 2 && found;
    });
    const updatedAt = expect.any(String);
    expect(first?.body).toMatchObject({ userId: 'ada', changes: ['name'], name: 'Ada King', updatedAt });
    expect(second?.body).toMatchObject({ changes: ['name', 'email'], email: { $encrypted: 'A256GCM' } });
    const times = [(before as { registeredAt: string }).registeredAt, first, second].map((event) =>
      Date.parse(typeof event === 'object' ? String(event.body['updatedAt']) : String(event)),
    );
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('announces nothing where nothing changes', async () => {
    const { body } = await register('same');
    for (const changes of [{}, { name: 'Ada' }, { name: 'Ada', email: 'same@example.org' }]) {
      expect(await patch('same', changes)).toMatchObject({ status: 200, body: body as object });
    }
    await register('after-same');
    await until('what came later is announced', () =>
      user.eventsAbout('after-same', 'registered').then(Boolean),
    );
    expect(await updates('same')).toEqual([]);
  });

  it('frees the old email and takes the new one, in the same moment', async () => {
    await register('mover', 'old@example.org');
    expect(await patch('mover', { email: 'new@example.org' })).toMatchObject({ status: 200 });
    expect(await register('second', 'NEW@example.org')).toMatchObject({
      status: 409,
      body: { code: 'EMAIL_TAKEN' },
    });
    expect(await register('second', 'old@example.org')).toMatchObject({ status: 201 });
    expect(await patch('mover', { email: 'OLD@example.org' })).toMatchObject({
      status: 409,
      body: { code: 'EMAIL_TAKEN' },
    });
    expect(await patch('mover', { email: 'New@example.org' })).toMatchObject({
      status: 200,
      body: { email: 'New@example.org' },
    });
    expect((await user.app.request('DELETE', '/users/mover')).status).toBe(204);
    expect(await register('third', 'new@example.org')).toMatchObject({ status: 201 });
  });

  it('refuses what breaks the class, and whom it does not know', async () => {
    await register('strict');
    for (const changes of [
      { name: '' },
      { name: null },
      { email: 'nobody' },
      { email: null },
      { id: 'x' },
      [],
    ])
      expect(await patch('strict', changes)).toMatchObject({ status: 400 });
    expect(await patch('nobody', { name: 'Ada' })).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  });

  it('lets one of many who want an email at once have it, and loses nothing', async () => {
    const ids = Array.from({ length: 10 }, (_, nr) => `rival-${nr}`);
    for (const id of ids) await register(id);
    const answers = await Promise.all(
      ids.map((id, nr) => patch(id, { email: 'wanted@example.org' }, nr % 2 === 0 ? user.app : other)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(ids.length - 1);
    for (const { body } of refused) expect(body).toMatchObject({ code: 'EMAIL_TAKEN' });
    const winner = ids[answers.findIndex(({ status }) => status === 200)];
    // The winner's old email is free, the losers' are not.
    for (const id of ids) {
      expect((await register(`${id}-heir`, `${id}@example.org`)).status).toBe(id === winner ? 201 : 409);
    }
  }, 60_000);

  it('keeps changes that come at once, of one user from two replicas', async () => {
    await register('both');
    await Promise.all([
      patch('both', { name: 'Ada King' }),
      patch('both', { email: 'king@example.org' }, other),
      patch('both', { name: 'Ada King' }, other),
    ]);
    expect((await user.app.request('GET', '/users/both')).body).toMatchObject({
      name: 'Ada King',
      email: 'king@example.org',
    });
    expect(await register('both-heir', 'both@example.org')).toMatchObject({ status: 201 });
  });

  it('leaves no email taken by nobody when users change it and leave at once', async () => {
    for (let round = 0; round < 5; round++) {
      const id = `leaver-${round}`;
      await register(id);
      const [changed, left] = await Promise.all([
        patch(id, { email: `${id}.new@example.org` }),
        other.request('DELETE', `/users/${id}`),
      ]);
      expect([200, 404]).toContain(changed.status);
      expect(left.status).toBe(204);
      for (const email of [`${id}@example.org`, `${id}.new@example.org`]) {
        expect((await register(`${email}-heir`, email)).status).toBe(201);
      }
    }
  }, 60_000);
});
