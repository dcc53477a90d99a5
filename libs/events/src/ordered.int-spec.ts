import { headers } from '@nats-io/transport-node';
import { sourcedEventStream } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { allDeadLetters, closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { Counted, countedEvent } from './contracts.fixture.js';
import { constant, EventMessage, SubscribeOptions } from './index.js';

const ORDERED = {
  group: 'g',
  ordered: true,
  partitions: 4,
  retry: { attempts: 3, backoff: constant('20ms') },
} as const;

let server: NatsServer;
let app: TestApp;
let context: string;
let Event: ReturnType<typeof countedEvent>;
let handled: string[];

beforeAll(async () => {
  server = await startNatsServer();
});

beforeEach(async () => {
  context = freshContext();
  Event = countedEvent(context);
  handled = [];
  app = await startApp({ url: server.url });
});

afterEach(closeApps);
afterAll(() => server.stop());

const textOf = ({ key, n }: Counted): string => `${key}${n}`;

const note = (event: Counted): void => {
  handled.push(textOf(event));
};

const publish = async (...texts: string[]): Promise<void> => {
  for (const text of texts) {
    await app.bus.publish(new Event({ key: text.slice(0, 1), n: Number(text.slice(1)) }));
  }
};

const ofKey = (key: string): string[] => handled.filter((text) => text.startsWith(key));

const letters = async (): Promise<string[]> =>
  (await allDeadLetters(app.deadLetters))
    .filter(({ subject }) => subject.startsWith(`dead.${context}.`))
    .map(({ body }) => textOf(JSON.parse(new TextDecoder().decode(body)) as Counted));

const subscribe = (
  handler: (event: Counted, message: EventMessage<Counted>) => unknown,
  options: Partial<SubscribeOptions> = {},
) => app.bus.subscribe(Event, handler, { ...ORDERED, ...options });

describe('order per key', () => {
  it('handles one key at a time in stored order, and others beside it', async () => {
    let running = 0;
    let most = 0;
    const busy = new Set<string>();
    let overlaps = 0;
    await subscribe(
      async (event) => {
        if (busy.has(event.key)) overlaps++;
        busy.add(event.key);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        busy.delete(event.key);
        note(event);
      },
      { concurrency: 3 },
    );
    const rounds = Array.from({ length: 10 }, (_, n) => ['a', 'b', 'c', 'd', 'e'].map((key) => `${key}${n}`));
    await publish(...rounds.flat());
    await until('all to be handled', () => handled.length === 50);
    expect([overlaps, most]).toEqual([0, 3]);
    for (const key of ['a', 'e']) expect(ofKey(key)).toEqual(rounds.flat().filter((text) => text[0] === key));
  });

  it('lets the key of a failing event wait, and others go on', async () => {
    let failing = true;
    await subscribe(
      (event) => {
        if (failing && textOf(event) === 'a1') throw new Error('not yet');
        note(event);
      },
      { partitions: 1, retry: { attempts: 1000, backoff: constant('10ms') } },
    );
    await publish('a1', 'a2', 'b1', 'b2', 'a3', 'b3');
    await until('the other key', () => ofKey('b').length === 3);
    expect(ofKey('a')).toEqual([]);
    failing = false;
    await until('the key that waited', () => ofKey('a').length === 3);
    expect(ofKey('a')).toEqual(['a1', 'a2', 'a3']);
  });

  it('skips what has used up its attempts', async () => {
    await subscribe((event, { attempt }) => {
      if (textOf(event) === 'a2') throw new Error(`attempt ${attempt}`);
      note(event);
    });
    await publish('a1', 'a2', 'a3');
    await until('the rest of the key', () => handled.length === 2);
    expect([handled, await letters()]).toEqual([['a1', 'a3'], ['a2']]);
    const [letter] = (await allDeadLetters(app.deadLetters)).filter(({ subject }) =>
      subject.includes(context),
    );
    expect(letter).toMatchObject({
      attempts: 3,
      cause: { message: 'attempt 3' },
      original: { stream: `EVENTS_${context}`, sequence: 2, subject: `events.${context}.counted.a` },
    });
  });

  it('takes what was stored before, what other clients publish, and what the server moves', async () => {
    const { nc, streams, jsm } = app.connection;
    await publish('a1');
    await jsm.streams.add({ name: `OUT_${context}`, subjects: [`out.${context}.*.*`] });
    const source = {
      stream: `OUT_${context}`,
      from: `out.${context}.*.*`,
      to: `events.${context}.{{wildcard(1)}}.{{wildcard(2)}}`,
    };
    await streams.ensure(sourcedEventStream(context, source), 'create');
    const places: unknown[] = [];
    await subscribe((event, { stream, sequence, subject, id }) => {
      note(event);
      places.push([stream, sequence, subject, id.includes(':')]);
    });
    await until('what was stored before', () => handled.length === 1);
    nc.publish(`events.${context}.counted.a`, JSON.stringify({ key: 'a', n: 2 }));
    await until('what another client published', () => handled.length === 2);
    const message = headers();
    message.set('ce-id', 'moved');
    nc.publish(`out.${context}.counted.a`, JSON.stringify({ key: 'a', n: 3 }), { headers: message });
    await until('what the server moved', () => handled.length === 3);
    await app.bus.publish(new Event({ key: 'a', n: 4 }), { delay: 300 });
    await until('what was delayed', () => handled.length === 4);
    expect(handled).toEqual(['a1', 'a2', 'a3', 'a4']);
    const place = (sequence: number, bare: boolean) => [
      `EVENTS_${context}`,
      sequence,
      `events.${context}.counted.a`,
      bare,
    ];
    expect(places).toEqual([place(1, false), place(2, true), place(3, false), place(4, false)]);
  });

  it('begins where it is told', async () => {
    await publish('a1', 'a2');
    await subscribe(note, { from: 'new' });
    await publish('a3');
    await until('what is new', () => handled.length === 1);
    expect(handled).toEqual(['a3']);
  });

  it('refuses another number of partitions', async () => {
    const first = await subscribe(note);
    await first.unsubscribe();
    await expect(subscribe(note, { partitions: 5 })).rejects.toMatchObject({
      code: 'PROVISION_CONFLICT',
      message: expect.stringContaining('partitions is 4, declared 5') as string,
    });
  });

  it('goes on with another number when it was removed before', async () => {
    const first = await subscribe(note);
    await publish('a1', 'a2');
    await until('the first', () => handled.length === 2);
    await first.remove();
    await subscribe(note, { partitions: 5, from: 'new' });
    await publish('a3', 'a4');
    await until('the rest', () => handled.length === 4);
    expect(handled).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('goes on where it was when consumers are deleted and the server is killed', async () => {
    await subscribe(note);
    await publish('a1', 'b1');
    await until('the first', () => handled.length === 2);
    const stream = `ORDERED_${context}=g`;
    await Promise.all(
      [0, 1, 2, 3].map((partition) => app.connection.jsm.consumers.delete(stream, `g-${partition}`)),
    );
    await publish('a2', 'b2');
    await until('those behind the deletion', () => ofKey('a').includes('a2') && ofKey('b').includes('b2'));
    await server.restart({ signal: 'SIGKILL' });
    await publish('a3', 'b3');
    await until('those behind the restart', () => ofKey('a').includes('a3') && ofKey('b').includes('b3'));
    expect([new Set(ofKey('a')), new Set(ofKey('b'))]).toEqual([
      new Set(['a1', 'a2', 'a3']),
      new Set(['b1', 'b2', 'b3']),
    ]);
  });
});

describe('a key that is parked', () => {
  it('has its later events put aside in order, until a release handles all of them in order', async () => {
    let broken = true;
    await subscribe(
      (event) => {
        if (broken && textOf(event) === 'a2') throw new Error('broken');
        note(event);
      },
      { onExhausted: 'park' },
    );
    await publish('a1', 'a2', 'b1', 'a3', 'a4', 'b2');
    await until('the key to be parked', async () => (await letters()).length === 3);
    await until('the other key', () => ofKey('b').length === 2);
    expect([ofKey('a'), await letters()]).toEqual([['a1'], ['a2', 'a3', 'a4']]);

    const key = { context, group: 'g', key: 'a' };
    expect(await app.deadLetters.release(key)).toEqual({ released: 3, parked: true });
    await until('all to be put aside again', async () => (await letters()).length === 3);
    expect([ofKey('a'), await letters()]).toEqual([['a1'], ['a2', 'a3', 'a4']]);

    broken = false;
    const released = app.deadLetters.release(key);
    await publish('a5');
    const { parked } = await released;
    expect(parked).toBe(false);
    // What came while the key was being released may have joined its dead letters.
    await app.deadLetters.release(key);
    await publish('a6');
    await until('the rest', () => handled.includes('a6'));
    expect(ofKey('a')).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
    expect(await letters()).toEqual([]);
  });

  it('stays parked for the next owner, and is free when its dead letters are discarded', async () => {
    const fail = (event: Counted): void => {
      if (textOf(event) === 'a1') throw new Error('broken');
      note(event);
    };
    const first = await subscribe(fail, { onExhausted: 'park' });
    await publish('a1');
    await until('the key to be parked', async () => (await letters()).length === 1);
    await first.unsubscribe();
    await subscribe(fail, { onExhausted: 'park' });
    await publish('a2');
    await until('the next to be put aside', async () => (await letters()).length === 2);
    for (const { id, subject } of await allDeadLetters(app.deadLetters)) {
      if (subject.startsWith(`dead.${context}.`)) await app.deadLetters.discard(id);
    }
    await publish('a3');
    await until('the key to be free', () => handled.length === 1);
    expect(handled).toEqual(['a3']);
  });
});
