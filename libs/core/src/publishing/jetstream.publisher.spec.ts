import { headers as createHeaders, Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { FakeClock } from '../fake-clock.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { JetStreamPublisher } from './jetstream.publisher.js';
import { PublishRequest } from './publish.request.js';

const encodedSize = (headers: MsgHdrs & { encode?: () => Uint8Array }): number => {
  if (!headers.encode) throw new TypeError("not the client's headers");
  return headers.encode().length;
};

interface Sent {
  subject: string;
  reply: string;
}

/** What the publisher needs of a connection; answers come from the test. */
const setUp = (options: { maxInFlight?: number; maxPayload?: number } = {}) => {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  let onMessage: (error: Error | null, message: Msg) => void = () => undefined;
  let closed = false;
  const nc = {
    info: { max_payload: options.maxPayload ?? 1024 },
    subscribe: (_subject: string, { callback }: { callback: typeof onMessage }) => {
      onMessage = callback;
      return { unsubscribe: () => undefined };
    },
    publish: (
      subject: string,
      payload: Uint8Array,
      { reply, headers }: { reply: string; headers: MsgHdrs },
    ) => {
      if (closed) throw new Error('closed');
      const size = payload.length + encodedSize(headers);
      if (size > nc.info.max_payload) throw new Error('max_payload size exceeded');
      sent.push({ subject, reply });
    },
    isClosed: () => closed,
    isDraining: () => false,
  };
  const publisher = new JetStreamPublisher(nc as unknown as NatsConnection, {
    maxInFlight: options.maxInFlight ?? 100,
    deadlineMs: 5000,
    ackTimeoutMs: 2000,
    clock,
  });
  const answer = (at: number, body: unknown, code = 0): void => {
    const data = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    onMessage(null, {
      subject: sent[at]?.reply,
      data,
      headers: code === 0 ? undefined : createHeaders(code, 'status'),
      json: () => JSON.parse(data.toString()) as unknown,
    } as unknown as Msg);
  };
  const publish = (subject = 's', more: Partial<PublishRequest> = {}) =>
    publisher.publish({ subject, payload: Buffer.from('x'), headers: createHeaders(), ...more });
  const close = (): void => void (closed = true);
  return { clock, sent, publisher, publish, answer, close };
};

const STORED = { stream: 'S', seq: 1 };
const NO_RESPONDERS = 503;

it('resolves with where the message was stored, and leaves no timer', async () => {
  const { clock, publish, answer, publisher } = setUp();
  const publishing = publish();
  answer(0, { ...STORED, duplicate: true });
  expect(await publishing).toEqual({ stream: 'S', sequence: 1, duplicate: true });
  clock.advance(100);
  expect([publisher.backlog, clock.pending]).toEqual([0, 0]);
});

it('ignores what is no ack, and takes the ack that follows', async () => {
  const { publish, answer } = setUp();
  const publishing = publish();
  for (const body of ['ok', '', '{', { ok: true }, null, { stream: 'S' }]) answer(0, body);
  answer(0, STORED);
  expect(await publishing).toMatchObject({ sequence: 1 });
});

it('sends again, under the same reply, when an answer is overdue', async () => {
  const { clock, sent, publish, answer } = setUp();
  const publishing = publish();
  clock.advance(1990);
  expect(sent).toHaveLength(1);
  clock.advance(60);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
  answer(1, STORED);
  expect(await publishing).toMatchObject({ sequence: 1 });
});

describe('mayBeStored', () => {
  const codeAndMaybe = async (publishing: Promise<unknown>): Promise<unknown> => {
    const { code, mayBeStored } = (await rejectionOf(publishing)) as { code: string; mayBeStored: boolean };
    return [code, mayBeStored];
  };

  it('is true after an attempt without an answer', async () => {
    const { clock, publish } = setUp();
    const failing = codeAndMaybe(publish());
    clock.advance(5100);
    expect(await failing).toEqual(['PUBLISH_TIMEOUT', true]);
  });

  it('is false where nothing was sent, since the connection was lost', async () => {
    const { clock, sent, publisher, publish } = setUp();
    publisher.setConnected(false);
    const failing = codeAndMaybe(publish());
    clock.advance(5100);
    expect(await failing).toEqual(['PUBLISH_TIMEOUT', false]);
    expect(sent).toEqual([]);
  });

  it('is false where nothing was sent, since the window was full until the deadline', async () => {
    const { clock, sent, publish } = setUp({ maxInFlight: 1 });
    const both = [codeAndMaybe(publish('first')), codeAndMaybe(publish('second'))];
    clock.advance(5100);
    expect(await Promise.all(both)).toEqual([
      ['PUBLISH_TIMEOUT', true],
      ['PUBLISH_TIMEOUT', false],
    ]);
    expect(sent.map(({ subject }) => subject)).not.toContain('second');
  });

  it('is false where every attempt was refused', async () => {
    const { clock, sent, publish, answer } = setUp();
    const failing = codeAndMaybe(publish());
    for (let answered = 0; clock.monotonic() < 5100; clock.advance(50)) {
      while (answered < sent.length) answer(answered++, '', NO_RESPONDERS);
    }
    expect(sent.length).toBeGreaterThan(10);
    expect(await failing).toEqual(['PUBLISH_NO_STREAM', false]);
  });

  it('is true where the first attempt had no answer, and the second a refusal', async () => {
    const { clock, publish, answer } = setUp();
    const failing = codeAndMaybe(publish());
    clock.advance(2050);
    answer(1, { error: { code: 400, err_code: 10071, description: 'wrong last sequence' } });
    expect(await failing).toEqual(['PUBLISH_REJECTED', true]);
  });

  it('is false for a first refusal', async () => {
    const { publish, answer } = setUp();
    const failing = codeAndMaybe(publish());
    answer(0, { error: { code: 503, err_code: 10077, description: 'maximum bytes exceeded' } });
    expect(await failing).toEqual(['PUBLISH_REJECTED', false]);
  });

  it('is false where the server denied the only attempt, and only for that subject', async () => {
    const { publisher, publish, answer } = setUp();
    const denied = codeAndMaybe(publish('denied'));
    const other = publish('allowed');
    publisher.deny('denied', new Error('Permissions Violation'));
    expect(await denied).toEqual(['PUBLISH_REJECTED', false]);
    answer(1, STORED);
    expect(await other).toMatchObject({ sequence: 1 });
  });

  it('is told on close: true for what was sent, false for what was in line, which is not sent any more', async () => {
    const { clock, sent, publisher, publish } = setUp({ maxInFlight: 1 });
    const all = ['first', 'second', 'third'].map((subject) => codeAndMaybe(publish(subject)));
    const closing = publisher.close(1000);
    clock.advance(1000);
    await closing;
    expect(await Promise.all(all)).toEqual([
      ['CONNECTION_CLOSED', true],
      ['CONNECTION_CLOSED', false],
      ['CONNECTION_CLOSED', false],
    ]);
    expect(sent.map(({ subject }) => subject)).toEqual(['first']);
    expect(clock.pending).toBe(0);
  });
});

it('tries again what nobody takes yet, since a leader may be being elected', async () => {
  const { clock, sent, publish, answer } = setUp();
  const publishing = publish();
  answer(0, '', NO_RESPONDERS);
  clock.advance(300);
  expect(sent).toHaveLength(2);
  answer(1, { error: { code: 503, err_code: 10008, description: 'temporarily unavailable' } });
  clock.advance(300);
  expect(sent).toHaveLength(3);
  answer(2, STORED);
  expect(await publishing).toMatchObject({ sequence: 1 });
});

it('keeps to its own deadline where the request has one', async () => {
  const { clock, publish } = setUp();
  const failing = rejectionOf(publish('s', { deadlineMs: 100 }));
  clock.advance(150);
  expect(await failing).toMatchObject({ code: 'PUBLISH_TIMEOUT', details: { subject: 's', attempts: 1 } });
});

it('sends what is unconfirmed again as soon as the connection is back', async () => {
  const { sent, publisher, publish, answer } = setUp();
  const before = publish('before');
  publisher.setConnected(false);
  const during = publish('during');
  expect(sent.map(({ subject }) => subject)).toEqual(['before']);
  publisher.setConnected(true);
  expect(sent.map(({ subject }) => subject)).toEqual(['before', 'before', 'during']);
  answer(1, STORED);
  answer(2, { ...STORED, seq: 2 });
  expect([await before, await during]).toMatchObject([{ sequence: 1 }, { sequence: 2 }]);
});

describe('a message that is too large', () => {
  it.each([
    ['in its payload', { payload: new Uint8Array(2000) }],
    ['in its headers alone', { payload: new Uint8Array(), headers: { 'x-large': 'é'.repeat(1000) } }],
  ])('is refused: %s', async (_name, { payload, ...rest }) => {
    const { publish } = setUp();
    const headers = createHeaders();
    for (const [name, value] of Object.entries('headers' in rest ? rest.headers : {}))
      headers.set(name, value);
    expect(await rejectionOf(publish('s', { payload, headers }))).toMatchObject({
      name: 'PublishError',
      code: 'EVENT_TOO_LARGE',
      mayBeStored: false,
      details: { subject: 's', limit: 1024, bytes: expect.any(Number) },
    });
  });

  it('counts its bytes as the client does', async () => {
    const { publish, answer } = setUp({ maxPayload: 100 });
    const headers = createHeaders();
    headers.append('a', 'é');
    headers.append('a', '2');
    const room = 100 - encodedSize(headers);
    const fitting = publish('s', { payload: new Uint8Array(room), headers });
    answer(0, STORED);
    await fitting;
    expect(await rejectionOf(publish('s', { payload: new Uint8Array(room + 1), headers }))).toMatchObject({
      code: 'EVENT_TOO_LARGE',
      details: { bytes: 101 },
    });
  });

  it('does not keep those behind it, however many there are', async () => {
    const { publish, answer, publisher } = setUp({ maxInFlight: 1 });
    const first = publish('first');
    const large = Array.from({ length: 20_000 }, () =>
      rejectionOf(publish('s', { payload: new Uint8Array(2000) })),
    );
    answer(0, STORED);
    await first;
    for (const error of await Promise.all(large)) expect(error).toMatchObject({ code: 'EVENT_TOO_LARGE' });
    expect(publisher.backlog).toBe(0);
  });
});

it('fails what it cannot send any more', async () => {
  const { publish, close } = setUp();
  close();
  expect(await rejectionOf(publish())).toMatchObject({ code: 'CONNECTION_CLOSED', mayBeStored: false });
});

describe('close', () => {
  it('waits for what is under way, then refuses more', async () => {
    const { publisher, publish, answer } = setUp();
    const publishing = publish();
    const closing = [publisher.close(1000), publisher.close(1000)];
    answer(0, STORED);
    expect(await publishing).toMatchObject({ sequence: 1 });
    await Promise.all(closing);
    expect(await rejectionOf(publish())).toMatchObject({ code: 'CONNECTION_CLOSED', mayBeStored: false });
  });

  it('is immediate with nothing under way', async () => {
    const { clock, publisher } = setUp();
    await publisher.close(1000);
    expect(clock.pending).toBe(0);
  });
});
