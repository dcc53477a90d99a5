import { type EventBus } from '@millrace/events';
import { until } from '@millrace-apps/shared/testing';
import { startUserApp, type UserApp } from '../../user.fixture.js';
import { order } from '../notifications.fixture.js';

let user: UserApp;
let bus: EventBus;
beforeAll(async () => {
  user = await startUserApp({ STREAM_HEARTBEAT: '50ms' });
  bus = user.outside.events;
}, 60_000);
afterAll(() => user?.stop());

interface Told {
  id: string;
  event: string;
  data: { text: string };
}

/** A client of server-sent events. */
const follow = async (id: string, headers: Record<string, string> = {}, url = user.app.url) => {
  const leaving = new AbortController();
  const response = await fetch(`${url}/users/${id}/notifications/stream`, {
    headers,
    signal: leaving.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  let ended = false;
  const decoder = new TextDecoder();
  const reading = (async () => {
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) text += decoder.decode(chunk);
      ended = true;
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
    }
  })();
  return {
    heartbeats: () => text.split(': heartbeat').length - 1,
    told: (): Told[] =>
      text.split('\n\n').flatMap((block) => {
        const [, event] = /^event: (.*)$/m.exec(block) ?? [];
        const [, eventId] = /^id: (.*)$/m.exec(block) ?? [];
        const [, data] = /^data: (.*)$/m.exec(block) ?? [];
        return event && eventId && data
          ? [{ event, id: eventId, data: JSON.parse(data) as Told['data'] }]
          : [];
      }),
    hasEnded: () => ended,
    leave: async () => {
      leaving.abort();
      await reading;
    },
  };
};

const consumers = async (): Promise<number> => {
  let count = 0;
  for await (const { name } of user.app.connection.jsm.consumers.list('KV_user-notifications'))
    if (name) count++;
  return count;
};
const welcomed = (id: string) =>
  until('the welcome is there', async () => (await user.notificationsOf(id)).length === 1);
const textsOf = (told: readonly Told[]): string[] => told.map(({ data }) => data.text);

describe('the stream of notifications', () => {
  it('tells what comes, as it comes, once, and says in between that it is there', async () => {
    await user.register('ann');
    await welcomed('ann');
    const client = await follow('ann');
    await until('it beats', () => client.heartbeats() > 0);
    await bus.publish(order('o-1', 'ann'));
    await until('it is told', () => client.told().length === 1);
    // That it is read is nothing new.
    await user.app.request('POST', '/users/ann/notifications/read');
    await Promise.all(Array.from({ length: 20 }, (_, at) => bus.publish(order(`many-${at}`, 'ann'))));
    await until('all are told', () => client.told().length >= 21);
    const beats = client.heartbeats();
    await until('it beats', () => client.heartbeats() > beats);
    const told = client.told();
    expect(new Set(told.map(({ id }) => id)).size).toBe(21);
    expect(told).toHaveLength(21);
    expect(told[0]).toMatchObject({ event: 'order.created', data: { text: expect.stringContaining('o-1') } });
    await client.leave();
  });

  it('goes on where a client left off', async () => {
    await user.register('bob');
    await welcomed('bob');
    const client = await follow('bob');
    await bus.publish(order('before', 'bob'));
    const [last] = await until('it is told', () => client.told().length === 1 && client.told());
    await client.leave();
    for (const id of ['missed-1', 'missed-2']) {
      await bus.publish(order(id, 'bob'));
      await until('it is there', async () => (await user.notificationsOf('bob'))[0]?.text?.includes(id));
    }
    const again = await follow('bob', { 'last-event-id': last!.id });
    await bus.publish(order('after', 'bob'));
    await until('all are told', () => again.told().length === 3);
    const texts = textsOf(again.told());
    for (const [at, id] of ['missed-1', 'missed-2', 'after'].entries()) {
      expect(texts[at]).toContain(`order ${id} `);
    }
    await again.leave();
  });

  it('leaves nothing behind when its client is gone', async () => {
    await user.register('eve');
    const before = await consumers();
    const client = await follow('eve');
    await until('it is followed', async () => (await consumers()) > before);
    await client.leave();
    await until('it is not any more', async () => (await consumers()) === before);
  });

  it('ends when its user leaves', async () => {
    await user.register('leaver');
    await welcomed('leaver');
    const client = await follow('leaver');
    await user.app.request('DELETE', '/users/leaver');
    await until('it ended', () => client.hasEnded());
  });

  it('goes on after the server was away', async () => {
    await user.register('patient');
    await welcomed('patient');
    const client = await follow('patient');
    await bus.publish(order('before', 'patient'));
    await until('it is told', () => client.told().length === 1);
    await user.server.restart({ signal: 'SIGKILL' });
    await user.ready();
    await bus.publish(order('after', 'patient'));
    await until('it is told again', () => client.told().length === 2, 30_000);
    await client.leave();
  }, 60_000);

  it('ends when the app stops, and does not hold it up', async () => {
    await user.register('guest');
    const replica = await user.replica();
    const client = await follow('guest', {}, replica.url);
    await until('it beats', () => client.heartbeats() > 0);
    const startedAt = performance.now();
    await replica.stop();
    expect(performance.now() - startedAt).toBeLessThan(4000);
    await until('it ended', () => client.hasEnded());
  });
});
