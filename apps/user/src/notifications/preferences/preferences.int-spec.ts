import { everythingStored, until } from '@millrace-apps/shared/testing';
import { startUserApp, type UserApp } from '../../user.fixture.js';
import { order, paid } from '../notifications.fixture.js';

const URL = 'https://hooks.example.org/very-secret-path';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let user: UserApp;
beforeAll(async () => void (user = await startUserApp()), 60_000);
afterAll(() => user?.stop());

const choose = (id: string, preferences: unknown) =>
  user.app.request('PUT', `/users/${id}/notification-preferences`, preferences);
const chosen = async (id: string) =>
  (await user.app.request('GET', `/users/${id}/notification-preferences`)).body;
const webhook = (settings: object) => ({ channels: [{ channel: 'webhook', settings }] });

describe('preferences', () => {
  it('are: everything, in the inbox only, until others are chosen', async () => {
    await user.register('ann');
    expect(await chosen('ann')).toEqual({ channels: [] });
    const mine = { types: ['order.paid'], channels: [{ channel: 'console', settings: {} }] };
    expect(await choose('ann', mine)).toMatchObject({ status: 200, body: mine });
    expect(await chosen('ann')).toEqual(mine);
    expect((await choose('ann', { channels: [] })).body).toEqual({ channels: [] });
    expect(await chosen('ann')).toEqual({ channels: [] });
  });

  it('tell the secret of a webhook once, when it is made, and keep it with the next address', async () => {
    await user.register('bob');
    const first = await choose('bob', webhook({ url: URL }));
    expect(first.body).toEqual(webhook({ url: URL, secret: expect.stringMatching(/^whsec_.{44}$/) }));
    expect(await chosen('bob')).toEqual(webhook({ url: URL }));
    expect((await choose('bob', webhook({ url: `${URL}/2` }))).body).toEqual(webhook({ url: `${URL}/2` }));
    expect((await choose('bob', webhook({ url: URL, secret: SECRET }))).body).toEqual(webhook({ url: URL }));
    await choose('bob', { channels: [] });
    expect((await choose('bob', webhook({ url: URL }))).body).toEqual(
      webhook({ url: URL, secret: expect.any(String) }),
    );
  });

  it('are stored encrypted', async () => {
    await user.register('eve');
    await choose('eve', webhook({ url: URL, secret: SECRET }));
    const stored = await everythingStored(user.app.connection);
    expect(stored).toContain('$KV.user-notification-preferences.eve');
    for (const trace of ['very-secret-path', 'whsec_', SECRET]) expect(stored).not.toContain(trace);
  });

  it('decide of which events a user is told', async () => {
    await user.register('choosy');
    await until('the welcome is there', async () => (await user.notificationsOf('choosy')).length === 1);
    await choose('choosy', { types: ['order.paid'], channels: [] });
    const bus = user.outside.events;
    await bus.publish(order('o-1', 'choosy'));
    await bus.publish(paid('o-1', 'choosy'));
    await until('the payment is there', async () => (await user.notificationsOf('choosy')).length === 2);
    expect((await user.notificationsOf('choosy')).map(({ type }) => type)).toEqual([
      'order.paid',
      'user.registered',
    ]);
  });

  it.each([
    ['no channels', {}, 'channels'],
    ['channels that are none', { channels: [null] }, 'channels'],
    ['a number', { channels: [7] }, 'channels'],
    ['null', { types: null, channels: [] }, 'types'],
    ['an unknown type', { types: ['order.eaten'], channels: [] }, 'types'],
    ['an unknown channel', { channels: [{ channel: 'pigeon' }] }, 'channels.0.channel'],
    ['a channel twice', { channels: [{ channel: 'console' }, { channel: 'console' }] }, 'channels'],
    ['settings that are none', { channels: [{ channel: 'webhook', settings: null }] }, 'channels.0.settings'],
    ['a webhook without a URL', { channels: [{ channel: 'webhook' }] }, 'channels.0.settings.url'],
    ['an http URL', webhook({ url: 'http://example.org/' }), 'channels.0.settings.url'],
    ['a URL inside', webhook({ url: 'https://169.254.169.254/' }), 'channels.0.settings.url'],
    ['a weak secret', webhook({ url: URL, secret: 'whsec_short' }), 'channels.0.settings.secret'],
  ])('refuse %s', async (_what, preferences, path) => {
    const id = `strict-${Math.random()}`;
    await user.register(id);
    const answer = await choose(id, preferences);
    expect(answer).toMatchObject({ status: 400 });
    const { violations } = answer.body as { violations: { path: string }[] };
    expect(violations.map((violation) => violation.path)).toContainEqual(expect.stringContaining(path));
    expect(await chosen(id)).toEqual({ channels: [] });
  });

  it('are of nobody who is not here', async () => {
    expect(await choose('nobody', { channels: [] })).toMatchObject({
      status: 404,
      body: { code: 'USER_UNKNOWN' },
    });
  });
});
