import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, gate, Replica, sorted, until } from '../engine.fixture.js';
import { constant, Delivery, GROUPS } from '../index.js';

jest.setTimeout(20_000);

const ONCE = { concurrency: 1, retry: { attempts: 1 } };

describe('a message that goes back unhandled on its last attempt', () => {
  let server: NatsServer;
  let engine: Engine;
  let handled: string[];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
    handled = [];
  });
  afterEach(() => engine.close());
  afterAll(() => server.stop());

  const note = (message: Delivery): void => void handled.push(bodyOf(message));

  /** A replica that holds ten messages and handles none: the first hangs. */
  const holding = async (connection = engine.connection): Promise<Replica> => {
    const hang = gate();
    const replica = await engine.consume(
      async (message) => {
        // Quick at first, so that it holds some when it becomes slow.
        if (handled.length < 64) return note(message);
        await hang.opened;
      },
      ONCE,
      connection,
    );
    await until('it to hold some', () => handled.length === 64 && replica.loop.inHand === 10);
    return replica;
  };

  it('is handled by the next replica, and by the one after that', async () => {
    await engine.publish(74);
    const first = await holding();
    await first.stop(300);
    const hang = gate();
    const second = await engine.consume(() => hang.opened, ONCE);
    await until('the second to take one', () => second.loop.inHand > 0);
    await second.stop(300);
    await engine.consume(note, ONCE);
    await engine.settled();
    // Those two that a handler had begun with are the only ones whose attempt was used up.
    const dead = (await engine.letters()).map(bodyOf);
    expect(dead).toHaveLength(2);
    expect(sorted([...handled, ...dead])).toEqual(bodies(74));
  });

  it('goes to the dead letters with its own cause where it fails then', async () => {
    await engine.publish(74);
    await (await holding()).stop(300);
    await engine.consume(() => {
      throw new Error('no');
    }, ONCE);
    await engine.settled();
    const causes = (await engine.letters()).map(({ cause }) => cause.message);
    expect(causes.filter((message) => message === 'no')).toHaveLength(9);
    expect(causes).toHaveLength(10);
  });

  it('is not spared when its next delivery is lost with its handler', async () => {
    const sequence = await engine.store('0');
    const second = await engine.connect();
    // As if it had gone back unhandled at its first delivery, and its handler had crashed at the second.
    const subject = `millrace.groups.handback.${engine.stream}.g.${sequence}`;
    const hang = gate();
    const taken = await engine.consume(() => hang.opened, { ...ONCE, retry: { attempts: 3 } }, second);
    await until('the first delivery', () => taken.loop.inHand === 1);
    await taken.stop(100);
    engine.connection.nc.publish(subject, '{"attempt":1}');
    await engine.connection.nc.flush();
    const attempts: number[] = [];
    const crashed = gate();
    const third = await engine.consume(
      async (message) => {
        attempts.push(message.attempt);
        await crashed.opened;
      },
      ONCE,
      second,
    );
    await until('the second delivery', () => attempts.length === 1);
    await third.stop(100);
    await engine.consume(note, ONCE);
    await engine.settled();
    expect(attempts).toEqual([2]);
    expect(handled).toEqual([]);
    expect((await engine.letters()).map(({ cause }) => cause.code)).toEqual(['ATTEMPTS_EXHAUSTED']);
  });

  it('uses its attempt up, and is dead-lettered, where nothing could be noted', async () => {
    await engine.publish(74);
    const first = await holding(await engine.connect({ publish: { deadline: '300ms' } }));
    await engine.connection.jsm.streams.delete(GROUPS);
    await engine.connection.jsm.streams.add({ name: GROUPS, subjects: ['elsewhere'] });
    await first.stop(1000);
    await engine.consume(note, ONCE);
    await engine.settled();
    const dead = (await engine.letters()).map(bodyOf);
    expect(sorted([...handled, ...dead])).toEqual(bodies(74));
    expect(dead).toHaveLength(10);
    await engine.connection.jsm.streams.delete(GROUPS);
  });

  it('costs nothing while attempts are left', async () => {
    await engine.publish(74);
    await engine.consume(note, { concurrency: 1, retry: { attempts: 5, backoff: constant(0) } });
    await engine.settled();
    const { state } = await engine.connection.jsm.streams.info(GROUPS, {
      subjects_filter: `*.*.*.${engine.stream}.>`,
    });
    expect(state.subjects ?? {}).toEqual({});
  });
});
