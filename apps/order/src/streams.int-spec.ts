import { until } from '@millrace-apps/shared/testing';
import { Shop } from './order.fixture.js';

interface Told {
  event: string;
  data: string;
}

/** A stream of server-sent events, as a client reads it. */
class Client {
  readonly told: Told[] = [];
  ended = false;
  private readonly stopping = new AbortController();

  static async open(url: string): Promise<Client> {
    const client = new Client();
    const response = await fetch(url, { signal: client.stopping.signal });
    const type = response.headers.get('content-type') ?? 'nothing';
    if (response.status !== 200 || !type.startsWith('text/event-stream'))
      throw new Error(`No stream, but ${response.status} and ${type}`);
    void client.read(response).catch(() => (client.ended = true));
    return client;
  }

  close(): void {
    this.stopping.abort();
  }

  statuses(): string[] {
    return this.told
      .filter(({ event }) => event === 'order')
      .map(({ data }) => (JSON.parse(data) as { status: string }).status);
  }

  private async read({ body }: Response): Promise<void> {
    let text = '';
    for await (const chunk of (body ?? new ReadableStream<Uint8Array>()).pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.told.push(parsed(block));
    }
    this.ended = true;
  }
}

const parsed = (block: string): Told => {
  const field = (name: string): string =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { event: field('event'), data: field('data') };
};

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open({ STREAM_HEARTBEAT: '100ms' });
}, 60_000);
afterAll(() => shop?.close());

const open = (id: string): Promise<Client> =>
  Client.open(`${shop.app.url}/orders/${encodeURIComponent(id)}/stream`);
/** Consumers of the bucket's stream: every open stream has one. */
const watches = async (): Promise<number> =>
  (await shop.app.connection.jsm.streams.info('KV_orders')).state.consumer_count;

describe('the stream of an order', () => {
  it('tells what the order is, then each change, and of no other order', async () => {
    for (const id of ['seen', 'other']) await shop.create({ userId: 'ada', id });
    const client = await open('seen');
    await until('the first is told', () => client.statuses().length === 1);
    await shop.do('other', 'cancel');
    await shop.do('seen', 'confirm');
    await until('it is in processing', () => client.statuses().at(-1) === 'processing');
    expect(client.statuses()[0]).toBe('created');
    expect(new Set(client.statuses())).not.toContain('cancelled');
    client.close();
  });

  it('tells of one order even where its id looks like a pattern', async () => {
    for (const id of ['*', 'starred']) await shop.create({ userId: 'ada', id });
    const client = await open('*');
    await shop.do('starred', 'cancel');
    await shop.do('*', 'confirm');
    await until('it is in processing', () => client.statuses().at(-1) === 'processing');
    expect(client.statuses()).not.toContain('cancelled');
    client.close();
  });

  it('says that it is still there', async () => {
    await shop.create({ userId: 'ada', id: 'quiet' });
    const client = await open('quiet');
    await until('it has said so twice', () => {
      return client.told.filter(({ event }) => event === 'heartbeat').length >= 2;
    });
    client.close();
  });

  it('is given up with its client', async () => {
    const before = await until('the others are gone', async () => (await watches()) === 0 && 1);
    const client = await open('quiet');
    await until('it is watched', async () => (await watches()) === before);
    client.close();
    await until('it is not watched', async () => (await watches()) === 0);
  });

  it('answers 404 for an order that is unknown', async () => {
    expect(await shop.app.request('GET', '/orders/none/stream')).toMatchObject({
      status: 404,
      body: { code: 'ORDER_UNKNOWN' },
    });
  });

  it('ends when the app does', async () => {
    const client = await open('quiet');
    await until('the first is told', () => client.statuses().length === 1);
    await shop.app.stop();
    await until('it has ended', () => client.ended);
  }, 30_000);
});
