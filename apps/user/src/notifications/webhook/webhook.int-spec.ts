import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { NotificationDue } from '@millrace/contracts';
import { constant, Context, DeadLetters, EventMessage, Subscribe } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  type Outside,
  startApp,
  startOutside,
  type TestApp,
  testConfig,
  until,
} from '@millrace-apps/shared/testing';
import { AppModule } from '../../app.module.js';
import { UserConfig } from '../../user.config.js';
import { ada } from '../../user.fixture.js';
import { channelGroup } from '../channels/channel.js';
import { ChannelsModule } from '../channels/channels.module.js';
import { answering, order, type Receiver, startReceiver } from '../notifications.fixture.js';
import { WebhookChannel } from './webhook.channel.js';

/** A channel that an app adds in a module of its own: a webhook that gives up sooner. */
@Injectable()
class HastyWebhook extends WebhookChannel {
  override readonly name = 'hasty';

  @Subscribe(NotificationDue, {
    group: channelGroup('hasty'),
    retry: { attempts: 3, backoff: constant('50ms') },
  })
  override handle(due: NotificationDue, @Context() message: EventMessage): Promise<void> {
    return this.channels.deliver(this, due, message);
  }
}

@Module({})
class HastyAppModule {
  static forRoot(config: UserConfig): DynamicModule {
    const hasty = { module: class HastyModule {}, imports: [ChannelsModule], providers: [HastyWebhook] };
    return { module: HastyAppModule, imports: [AppModule.forRoot(config), hasty] };
  }
}

let server: NatsServer;
let receiver: Receiver;
let app: TestApp;
let outside: Outside;
let recovered = false;

beforeAll(async () => {
  receiver = await startReceiver({
    '/well': answering(204),
    '/fails-twice': (attempt, response) => response.writeHead(attempt < 3 ? 500 : 200).end(),
    '/hangs-once': (attempt, response) => (attempt > 1 ? response.writeHead(200).end() : undefined),
    '/breaks-once': (attempt, response) => (attempt > 1 ? response.writeHead(200).end() : response.destroy()),
    '/never': () => undefined,
    '/down': (_attempt, response) => response.writeHead(recovered ? 200 : 503).end(),
    '/gone': answering(410),
    '/moved': (_attempt, response) => response.writeHead(302, { location: '/well' }).end(),
    '/left': answering(200),
  });
  server = await startNatsServer();
  const config = testConfig(UserConfig, server, { WEBHOOK_HOSTS: receiver.host, WEBHOOK_TIMEOUT: '300ms' });
  app = await startApp(HastyAppModule, config);
  outside = await startOutside(server);
}, 60_000);
afterAll(async () => {
  await outside?.stop();
  await app?.stop();
  await server?.stop();
  await receiver?.stop();
});

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A user with a webhook, who is told of an order. */
const tellOf = async (path: string, channel = 'webhook'): Promise<string> => {
  const id = `user-of-${path.slice(1)}`;
  expect(await app.request('POST', '/users', ada(id))).toMatchObject({ status: 201 });
  const settings = { url: receiver.url(path), secret: SECRET };
  const preferences = { types: ['order.created', 'user.unregistered'], channels: [{ channel, settings }] };
  expect(await app.request('PUT', `/users/${id}/notification-preferences`, preferences)).toMatchObject({
    status: 200,
  });
  await outside.events.publish(order(`order-of-${path.slice(1)}`, id));
  return id;
};

const received = (path: string, count: number) =>
  until(`${path} got ${count}`, () => receiver.at(path).length >= count && receiver.at(path), 20_000);

const lettersOf = async (group: string, userId: string) => {
  const letters = [];
  for await (const letter of app.get(DeadLetters).list({ group: channelGroup(group) })) {
    if (letter.key === userId) letters.push(letter);
  }
  return letters;
};
const deadLetterOf = (group: string, userId: string) =>
  until('there is a dead letter', async () => (await lettersOf(group, userId))[0], 20_000);

describe('a webhook', () => {
  it('posts what there is to tell, signed', async () => {
    const userId = await tellOf('/well');
    const [request] = await received('/well', 1);
    const { headers, body } = request!;
    const [{ id, at, text, type }] = (
      (await app.request('GET', `/users/${userId}/notifications`)).body as {
        items: [{ id: string; at: string; text: string; type: string }];
      }
    ).items;
    expect(JSON.parse(body)).toEqual({ type, timestamp: at, data: { id, userId, text } });
    expect(text).toContain('order-of-well');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': id });
    const timestamp = String(headers['webhook-timestamp']);
    expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(60);
    const signature = createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${timestamp}.${body}`);
    expect(headers['webhook-signature']).toBe(`v1,${signature.digest('base64')}`);
  });

  it.each(['/fails-twice', '/hangs-once', '/breaks-once'])(
    'is tried again when its receiver %s, as the same one',
    async (path) => {
      const userId = await tellOf(path);
      const count = path === '/fails-twice' ? 3 : 2;
      const requests = await received(path, count);
      expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
      expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
      expect(await lettersOf('webhook', userId)).toEqual([]);
    },
    40_000,
  );

  it('that never answers ends in the dead letters, with its cause', async () => {
    const userId = await tellOf('/never', 'hasty');
    const letter = await deadLetterOf('hasty', userId);
    expect(letter).toMatchObject({ context: 'notification', event: 'due', attempts: 3 });
    expect(letter.cause.message).toMatch(/timeout|aborted/i);
    expect(receiver.at('/never')).toHaveLength(3);
    // Nobody can read from it where it would have gone, or sign in our name.
    expect(JSON.stringify(letter)).not.toMatch(/whsec_|127\.0\.0\.1/);
  }, 40_000);

  it('is delivered from the dead letters when its receiver is back', async () => {
    const userId = await tellOf('/down', 'hasty');
    const letter = await deadLetterOf('hasty', userId);
    expect(letter.cause.message).toContain('503');
    recovered = true;
    const before = receiver.at('/down').length;
    await app.get(DeadLetters).replay(letter.id);
    const requests = await received('/down', before + 1);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await lettersOf('hasty', userId)).toEqual([]);
  }, 40_000);

  it('is not tried again where its receiver is gone', async () => {
    const userId = await tellOf('/gone');
    expect(await deadLetterOf('webhook', userId)).toMatchObject({ attempts: 1 });
    expect(receiver.at('/gone')).toHaveLength(1);
  });

  it('follows nobody elsewhere', async () => {
    const before = receiver.at('/well').length;
    const userId = await tellOf('/moved', 'hasty');
    expect((await deadLetterOf('hasty', userId)).cause.message).toContain('302');
    expect(receiver.at('/well')).toHaveLength(before);
  });

  it('says goodbye to who leaves', async () => {
    const userId = await tellOf('/left');
    await received('/left', 1);
    expect((await app.request('DELETE', `/users/${userId}`)).status).toBe(204);
    const [, goodbye] = await received('/left', 2);
    expect(JSON.parse(goodbye!.body)).toMatchObject({ type: 'user.unregistered' });
  });

  it('goes nowhere else than is allowed, also by what was accepted before', async () => {
    const channel = app.get(WebhookChannel);
    const settings = { url: 'https://127.0.0.1:1/', secret: SECRET };
    const notification = { id: 'n', userId: 'u', type: 't', at: 'a', text: 'x' };
    const { signal } = new AbortController();
    await expect(channel.deliver(notification, { settings, signal, attempt: 1 })).rejects.toThrow('allowed');
  });
});
