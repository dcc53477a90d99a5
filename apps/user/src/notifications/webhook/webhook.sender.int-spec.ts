import { answering, type Receiver, startReceiver } from '../notifications.fixture.js';
import { postWebhook } from './webhook.sender.js';
import { WebhookTargets } from './webhook.targets.js';

let receiver: Receiver;
beforeAll(async () => void (receiver = await startReceiver({ '/': answering(200) })));
afterAll(() => receiver?.stop());

/** As the default, but for plain http: what is tested is the address. */
class AnyScheme extends WebhookTargets {
  override refusal(): undefined {
    return undefined;
  }
}

const post = (url: string, targets: WebhookTargets): Promise<number> =>
  postWebhook({ url, headers: {}, body: '{}', signal: AbortSignal.timeout(5000) }, targets);

it('connects to no address inside, whatever the name that leads to it', async () => {
  const url = receiver.url('/').replace('127.0.0.1', 'localhost');
  await expect(post(url, new AnyScheme(undefined))).rejects.toThrow('localhost is not at a public address');
  expect(receiver.at('/')).toEqual([]);
  expect(await post(url, new AnyScheme('localhost'))).toBe(200);
  expect(receiver.at('/')).toHaveLength(1);
});

it('asks for nothing that it may not have, before it connects', async () => {
  await expect(post(receiver.url('/'), new WebhookTargets(undefined))).rejects.toThrow('https');
  await expect(post('https://10.0.0.1/', new WebhookTargets(undefined))).rejects.toThrow('public');
});
