import { openBroker, withoutCredentials } from './broker.js';

describe('the address of NATS', () => {
  it.each([
    ['nats://host:4222', 'nats://host:4222'],
    ['nats://ann:secret@host:4222', 'nats://host:4222'],
    ['tls://token@a:1, nats://ann:secret@b:2', 'tls://a:1, nats://b:2'],
  ])('%s is shown as %s', (url, shown) => {
    expect(withoutCredentials(url)).toBe(shown);
  });

  it('is taken from NATS_URL, and nothing is started then', async () => {
    const broker = await openBroker({ NATS_URL: 'nats://ann:secret@127.0.0.1:1' }, { store: undefined });
    expect(broker).toMatchObject({ url: 'nats://ann:secret@127.0.0.1:1', shownUrl: 'nats://127.0.0.1:1' });
    await broker.stop();
  });
});
