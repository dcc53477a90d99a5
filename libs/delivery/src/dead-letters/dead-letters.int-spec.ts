import { jest } from '@jest/globals';
import { createConnection } from 'node:net';
import { headers as createHeaders } from '@nats-io/transport-node';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodyOf, Engine, until } from '../engine.fixture.js';
import { constant, DEAD_LETTERS, DeadLetters, DeadLetterWriter, Delivery, REPLAY_GROUP } from '../index.js';

jest.setTimeout(20_000);

const once = { attempts: 1 };
const fail = (message: Delivery): never => {
  throw new TypeError(`no: ${bodyOf(message)}`);
};

describe('dead letters', () => {
  let server: NatsServer;
  let engine: Engine;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url, 1, { publish: { deadline: '1s' } });
    await engine.connection.jsm.streams.purge(DEAD_LETTERS);
  });
  afterEach(() => engine.close());
  afterAll(() => server.stop());

  const awaitLetters = (count: number): Promise<void> =>
    until(`${count} dead letters`, async () => (await engine.letters()).length === count, 20_000);

  it('keep their cause when they can be stored only later, and hold up nobody meanwhile', async () => {
    await engine.loseDeadLetters();
    const handled: string[] = [];
    await engine.publish(100);
    await engine.consume(
      (message) => {
        if (Number(bodyOf(message)) < 20) fail(message);
        handled.push(bodyOf(message));
      },
      { concurrency: 4, retry: once, ackWaitMs: 2000 },
    );
    // More poison than places: were it to occupy them, the others would wait for the dead letters.
    await until('the others', () => handled.length === 80, 10_000);
    await until('their answers', async () => (await engine.info()).unsettled === 20);
    await engine.restoreDeadLetters();
    await awaitLetters(20);
    await engine.settled();
    const causes = (await engine.letters()).map(({ cause }) => `${cause.name} ${cause.message}`);
    expect(causes.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `TypeError no: ${i}`).sort());
    expect((await engine.info()).redelivered).toBe(0);
  }, 40_000);

  it('that cannot be stored go back when the replica stops, and are not lost', async () => {
    await engine.loseDeadLetters();
    await engine.publish(3);
    let failed = 0;
    const first = await engine.consume(
      (message) => {
        failed++;
        fail(message);
      },
      { retry: once },
    );
    await until('the failures', () => failed === 3);
    // The writer's deadline passes, then the letters wait.
    await until(
      'the writes to fail',
      () => first.loop.inHand === 3 && engine.connection.publisher.backlog === 0,
      8000,
    );
    await first.stop(500);
    await engine.restoreDeadLetters();
    await engine.consume(fail, { retry: once });
    await awaitLetters(3);
    await engine.settled();
    expect((await engine.letters()).map(bodyOf).sort()).toEqual(['0', '1', '2']);
  }, 30_000);

  it('come back by themselves when their stream is deleted, where the writer knows how', async () => {
    const writer = new DeadLetterWriter(
      engine.connection,
      ({ stream }) => `dead.${stream}.m.g._`,
      () => engine.restoreDeadLetters(),
    );
    await engine.loseDeadLetters();
    await engine.publish(1);
    let written = false;
    const replica = await engine.consume(async (message) => {
      await writer.write(message, new Error('lost and found'));
      written = true;
    });
    await until('the letter', () => written, 10_000);
    expect((await engine.letters()).map(({ cause }) => cause.message)).toEqual(['lost and found']);
    await replica.stop();
  }, 20_000);

  it('of a stream made anew are not taken for those of its predecessor', async () => {
    await engine.consume(fail, { retry: once });
    await engine.store('old');
    await awaitLetters(1);
    await engine.settled();
    await engine.connection.jsm.streams.delete(engine.stream);
    await engine.ensureStream();
    expect(await engine.store('new')).toBe(1);
    await awaitLetters(2);
    expect((await engine.letters()).map(bodyOf)).toEqual(['old', 'new']);
  }, 30_000);

  it('are replayed also when the numbers of their own stream began anew', async () => {
    const replays: string[] = [];
    await engine.consume(
      (message) => {
        if (message.headers[REPLAY_GROUP] === undefined) fail(message);
        replays.push(bodyOf(message));
      },
      { retry: once },
    );
    const letters = new DeadLetters(engine.connection);
    await engine.loseDeadLetters();
    await engine.restoreDeadLetters();
    for (const body of ['a', 'b']) {
      await engine.store(body);
      await awaitLetters(1);
      await engine.settled();
      const [letter] = await engine.letters();
      expect(letter?.id).toBe('1');
      await letters.replay('1');
      await until('the replay', () => replays.includes(body));
      await engine.loseDeadLetters();
      await engine.restoreDeadLetters();
    }
  });

  it('are written for a message whose headers no client of ours can read', async () => {
    const raw = 'NATS/1.0\r\nbad name: x\r\n\r\n';
    const body = 'plain';
    const socket = createConnection(server.port, '127.0.0.1');
    socket.write('CONNECT {"headers":true,"verbose":false}\r\n');
    socket.write(
      `HPUB ${engine.stream}.m ${raw.length} ${raw.length + body.length}\r\n${raw}${body}\r\nPING\r\n`,
    );
    await engine.consume((message) => void message.headers, {
      retry: { attempts: 5, backoff: constant(10) },
    });
    await awaitLetters(1);
    await engine.settled();
    socket.destroy();
    const [letter] = await engine.letters();
    expect(letter).toMatchObject({ cause: { code: 'EVENT_UNREADABLE' }, attempts: 1 });
    expect(bodyOf(letter!)).toBe('plain');
  });

  it('keep a subject with a backslash, so that a replay finds it', async () => {
    const subject = `${engine.stream}.a\\u0041\\n`;
    const seen: string[] = [];
    await engine.consume(
      (message) => {
        seen.push(message.subject);
        if (message.headers[REPLAY_GROUP] === undefined) fail(message);
      },
      { retry: once },
    );
    engine.connection.nc.publish(subject, 'x', { headers: createHeaders() });
    await awaitLetters(1);
    const [letter] = await engine.letters();
    expect(letter?.original.subject).toBe(subject);
    await new DeadLetters(engine.connection).replay(letter!.id);
    await until('the replay', () => seen.length === 2);
    expect(seen).toEqual([subject, subject]);
  });

  it('leave the body behind where it leaves no room for the cause', async () => {
    const limit = engine.connection.nc.info?.max_payload ?? 0;
    const body = 'x'.repeat(limit - 200);
    engine.connection.nc.publish(`${engine.stream}.m`, body);
    await engine.consume(fail, { retry: once });
    await awaitLetters(1);
    const [letter] = await engine.letters();
    expect(letter).toMatchObject({ bodyLeft: true, body: new Uint8Array() });
  });

  it('appear once, however often the message is delivered', async () => {
    await engine.publish(1);
    let calls = 0;
    const first = await engine.consume(
      () => {
        calls++;
        throw new Error('the crash of the last attempt');
      },
      { retry: { attempts: 2, backoff: constant(0) } },
    );
    await awaitLetters(1);
    await engine.settled();
    await first.stop();
    // As after an acknowledgement that got lost: the whole group goes through the stream once more.
    await first.consumer.remove();
    await engine.consume(fail, { retry: once });
    await engine.settled();
    expect(calls).toBe(2);
    expect(await engine.letters()).toHaveLength(1);
  });

  it('are written for a message whose handler took the process with it on the last attempt', async () => {
    await engine.publish(1);
    const connection = await engine.connect();
    let started = 0;
    await engine.consume(
      () => {
        started++;
        return new Promise(() => undefined);
      },
      { retry: once, ackWaitMs: 500 },
      connection,
    );
    await until('the handler', () => started === 1);
    // As if killed: nothing is answered and no lease extended any more.
    await connection.nc.close();
    let again = 0;
    await engine.consume(() => void again++, { retry: once, ackWaitMs: 500 });
    await awaitLetters(1);
    await engine.settled();
    expect(again).toBe(0);
    expect((await engine.letters())[0]?.cause.code).toBe('ATTEMPTS_EXHAUSTED');
  });
});
