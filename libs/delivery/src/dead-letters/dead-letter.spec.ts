import { jest } from '@jest/globals';
import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { HeaderMap, PermanentError, PublishError, readHeaders } from '@millrace/core';
import { fakeDelivery } from '../message.fixture.js';
import { FakeClock } from '../clock.fixture.js';
import {
  DeadHeader,
  deadLetterHeaders,
  fromHeaderText,
  REPLAY_GROUP,
  REPLAY_OF,
  REPLAYS,
  replayHeaders,
  toHeaderText,
} from './dead-letter.headers.js';
import { readDeadLetter } from './dead-letter.js';
import { deadLetterStream } from './dead-letter.stream.js';
import { DeadLetterWriter } from './dead-letter.writer.js';
import { UnwrittenLetters } from './unwritten-letters.js';

const overTheWire = (headers: MsgHdrs): HeaderMap => {
  const text = new TextDecoder().decode((headers as unknown as { encode(): Uint8Array }).encode());
  const decoder = createHeaders().constructor as unknown as { decode(bytes: Uint8Array): MsgHdrs };
  return readHeaders(decoder.decode(new TextEncoder().encode(text)));
};
const withMessage = (message: string): Error =>
  Object.assign(new Error(message), { stack: `Error: ${message}` });

describe('header text', () => {
  it.each([
    'plain',
    'two\r\nlines\t"quoted" \\ back\\u0041',
    'žluťoučký 🐎',
    '\u0000\u007f',
    '\ud83d alone',
    '',
  ])('carries %p on one line of ASCII, and back', (text) => {
    const escaped = toHeaderText(text);
    expect(escaped).toMatch(/^[\x20-\x7e]*$/);
    expect(fromHeaderText(escaped)).toBe(text);
  });

  it('stands for itself where another client wrote it', () =>
    expect(fromHeaderText('a "b" \\x')).toBe('a "b" \\x'));

  it.each([
    [undefined, 'undefined'],
    [7, '7'],
    [{ a: 1 }, '[object Object]'],
  ])('takes %p, which no message should be', (thrown, text) =>
    expect(fromHeaderText(toHeaderText(thrown))).toBe(text),
  );
});

describe('the headers of a dead letter', () => {
  it('tell cause, place and attempts, and read back', () => {
    const message = fakeDelivery({ sequence: 7, attempt: 3, headers: { 'ce-id': 'e1', 'X-Own': 'kept' } });
    const headers = overTheWire(deadLetterHeaders(message, new PermanentError('schade — nein'), 'full'));
    const letter = readDeadLetter({
      subject: 'dead.orders.paid.g.k',
      sequence: 12,
      headers,
      body: message.body,
      time: new Date(5),
    });
    expect(letter).toMatchObject({
      id: '12',
      subject: 'dead.orders.paid.g.k',
      group: 'g',
      attempts: 3,
      cause: {
        name: 'PermanentError',
        code: 'PERMANENT',
        message: expect.stringMatching(/^schade — nein/),
        stack: expect.stringContaining('at '),
      },
      original: { stream: 'S', sequence: 7, subject: 'orders.paid.k', time: new Date(1_700_000_000_123) },
      deadAt: new Date(5),
      bodyLeft: false,
      headers: { 'ce-id': 'e1', 'X-Own': 'kept' },
    });
    expect(Object.keys(letter.headers).filter((name) => /^nats-/i.test(name))).toEqual([]);
  });

  it('leave out what acts on the server, and an earlier death', () => {
    const message = fakeDelivery({
      headers: {
        'Nats-Schedule': '@at 2030',
        'nats-ttl': '1s',
        'Nats-Msg-Id': 'mine',
        [DeadHeader.BodyLeft]: 'true',
        [DeadHeader.CauseCode]: 'OLD',
      },
    });
    const headers = readHeaders(deadLetterHeaders(message, new Error('x'), 'full'));
    expect(Object.keys(headers).filter((name) => /^nats-/i.test(name))).toEqual(['Nats-Msg-Id']);
    expect(headers['Nats-Msg-Id']).toBe('dead:S:1:1700000000123:g');
    expect(headers[DeadHeader.BodyLeft]).toBeUndefined();
    expect(headers[DeadHeader.CauseCode]).toBeUndefined();
    // The event keeps its identity through a replay.
    expect(headers['ce-id']).toBe('mine');
  });

  it.each(['a', '\\', '"', 'é', '\n', '🐎', '\\u00e'])(
    'cut a long text of %p at 4 KiB, between two characters',
    (piece) => {
      for (let offset = 0; offset < 12; offset++) {
        const text = 'x'.repeat(offset) + piece.repeat(5000);
        const headers = readHeaders(deadLetterHeaders(fakeDelivery(), withMessage(text), 'full'));
        const escaped = headers[DeadHeader.CauseMessage]!;
        expect(escaped.length).toBeLessThanOrEqual(4096);
        expect(escaped.length).toBeGreaterThan(4096 - 12);
        const back = JSON.parse(`"${escaped}"`) as string;
        expect(text.startsWith(back)).toBe(true);
        // Not half of a character either.
        expect(new TextDecoder().decode(new TextEncoder().encode(back))).toBe(back);
        expect(headers[DeadHeader.CauseStack]!.length).toBeLessThanOrEqual(4096);
      }
    },
  );

  it('name the class of an error that has no name of its own', () => {
    class OutOfStock extends Error {}
    const name = (cause: Error): string =>
      readHeaders(deadLetterHeaders(fakeDelivery(), cause, 'full'))[DeadHeader.CauseName]!;
    expect([name(new OutOfStock()), name(new TypeError()), name(new PermanentError('x'))]).toEqual([
      'OutOfStock',
      'TypeError',
      'PermanentError',
    ]);
  });

  it('are written for an error whose message is no text', () => {
    const odd = Object.assign(new Error('x'), { message: { code: 7 }, name: undefined, stack: undefined });
    expect(
      readHeaders(deadLetterHeaders(fakeDelivery(), odd as unknown as Error, 'full'))[
        DeadHeader.CauseMessage
      ],
    ).toBe('[object Object]');
  });

  it('leave the stack out where there is no room', () => {
    const headers = readHeaders(deadLetterHeaders(fakeDelivery(), new Error('x'), 'brief'));
    expect(headers[DeadHeader.CauseStack]).toBeUndefined();
    expect(headers[DeadHeader.CauseMessage]).toBe('x');
  });
});

describe('the headers of a replay', () => {
  const dead = (group: string): HeaderMap =>
    readHeaders(
      deadLetterHeaders(
        fakeDelivery({ group, headers: { 'ce-id': 'e1', traceparent: 't', [REPLAY_GROUP]: 'other' } }),
        new Error('x'),
        'full',
      ),
    );

  it('are those of the event, for one group, and nothing of its death', () => {
    expect(readHeaders(replayHeaders({ id: '12', group: 'g', headers: dead('g') }))).toEqual({
      'ce-id': 'e1',
      traceparent: 't',
      [REPLAY_GROUP]: 'g',
      [REPLAY_OF]: '12',
      [REPLAYS]: '1',
      'Nats-Msg-Id': 'replay:12:S:1:2023-11-14T22:13:20.123Z:g',
    });
  });
});

describe('DeadLetterWriter', () => {
  const noStream = new PublishError('PUBLISH_NO_STREAM', 'gone', { remedy: 'x', mayBeStored: false });
  const writer = (fail: (attempt: number) => Error | undefined, restore?: () => Promise<void>) => {
    const sent: { subject: string; payload: Uint8Array; headers: MsgHdrs }[] = [];
    const publish = (request: (typeof sent)[number]): Promise<unknown> => {
      sent.push(request);
      const error = fail(sent.length);
      return error ? Promise.reject(error) : Promise.resolve({});
    };
    const connection = { publisher: { publish }, clock: new FakeClock() };
    const made = new DeadLetterWriter(connection as never, () => 'dead.a.b.g.k', restore);
    return { sent, write: () => made.write(fakeDelivery({ body: 'b' }), new Error('x')) };
  };

  it('stores the body as it was', async () => {
    const { sent, write } = writer(() => undefined);
    await write();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ subject: 'dead.a.b.g.k', payload: new TextEncoder().encode('b') });
  });

  it('passes on a failure, so that the message is not acknowledged', async () => {
    await expect(writer(() => new Error('full')).write()).rejects.toThrow('full');
    await expect(writer(() => noStream).write()).rejects.toBe(noStream);
  });

  it('makes the stream again when it is gone, once', async () => {
    const restore = jest.fn(() => Promise.resolve());
    const healed = writer((attempt) => (attempt === 1 ? noStream : undefined), restore);
    await healed.write();
    expect([restore.mock.calls.length, healed.sent.length]).toEqual([1, 2]);
    await expect(writer(() => noStream, restore).write()).rejects.toBe(noStream);
    expect(restore).toHaveBeenCalledTimes(2);
  });
});

describe('UnwrittenLetters', () => {
  const flush = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };

  it('tries one until it works, then the others, and leaves no timer', async () => {
    const clock = new FakeClock();
    const tried: string[] = [];
    const written: string[] = [];
    let works = false;
    const letters = new UnwrittenLetters<string>(
      clock,
      (item, cause) => {
        tried.push(`${item} ${cause.message}`);
        return Promise.resolve(works);
      },
      (item) => void written.push(item),
    );
    for (const item of ['a', 'b', 'c']) expect(letters.keep(item, new Error(`no ${item}`))).toBe(true);
    expect([letters.size, letters.has('b'), clock.pending]).toEqual([3, true, 1]);
    clock.advance(5000);
    await flush();
    expect(tried).toEqual(['a no a']);
    works = true;
    clock.advance(5000);
    await flush();
    expect(written).toEqual(['a', 'b', 'c']);
    expect([letters.size, clock.pending]).toEqual([0, 0]);
  });

  it('keeps a bounded number, and gives back the rest when it stops', () => {
    const clock = new FakeClock();
    const letters = new UnwrittenLetters<number>(
      clock,
      () => Promise.resolve(true),
      () => undefined,
    );
    const kept = Array.from({ length: 300 }, (_, i) => i).filter((i) => letters.keep(i, new Error('x')));
    expect(kept).toHaveLength(256);
    expect(letters.stop()).toEqual(kept);
    expect([letters.size, clock.pending]).toEqual([0, 0]);
  });
});

describe('the stream of dead letters', () => {
  it('asks for nothing that the options do not say', () => expect(deadLetterStream().required).toEqual({}));

  it('keeps to the options', () =>
    expect(deadLetterStream({ replicas: 3, storage: 'memory', maxAge: '1d', maxBytes: 5 }).required).toEqual({
      num_replicas: 3,
      storage: 'memory',
      max_age: 86_400e9,
      max_bytes: 5,
      // Full, it refuses: the letter waits with whoever holds it. Dropping the oldest would lose one.
      discard: 'new',
    }));

  it('has no duplicate window longer than it keeps letters, which the server refuses', () => {
    expect(deadLetterStream({ maxAge: '10m' }).initial.duplicate_window).toBe(600e9);
    expect(deadLetterStream({ maxAge: '1d' }).initial.duplicate_window).toBe(3600e9);
  });
});
