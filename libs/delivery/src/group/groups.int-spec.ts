import { jest } from '@jest/globals';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodies, bodyOf, Engine, sorted, until } from '../engine.fixture.js';
import { Delivery, Groups } from '../index.js';

jest.setTimeout(20_000);

describe('a paused group', () => {
  let server: NatsServer;
  let engine: Engine;
  let groups: Groups;
  let handled: string[];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    engine = await Engine.open(server.url);
    groups = new Groups(engine.connection);
    handled = [];
  });
  afterEach(() => engine.close());
  afterAll(() => server.stop());

  const note = (message: Delivery): void => void handled.push(bodyOf(message));
  const isPaused = async (group = 'g'): Promise<boolean[]> => {
    const found: boolean[] = [];
    for await (const { stream, paused } of groups.list({ group })) {
      if (stream === engine.stream) found.push(paused);
    }
    return found;
  };
  /** Long enough for anything that the server would deliver. */
  const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300));

  it('is given nothing, in no replica, until it is resumed', async () => {
    const second = await engine.connect();
    const replicas = [await engine.consume(note), await engine.consume(note, {}, second)];
    const other: string[] = [];
    await engine.consume((message) => void other.push(bodyOf(message)), { group: 'other' });
    await engine.publish(10);
    await engine.settled();
    expect(await groups.pause('g')).toEqual(
      expect.arrayContaining([expect.objectContaining({ group: 'g', stream: engine.stream, paused: true })]),
    );
    await engine.publish(10);
    await engine.settled('other');
    await idle();
    expect(sorted(handled)).toEqual(bodies(10));
    expect(sorted(other)).toEqual(bodies(20));
    await groups.resume('g');
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(20));
    expect(replicas.map(({ loop }) => loop.inHand)).toEqual([0, 0]);
  });

  it('stays paused when the server and the replicas start again, with another configuration', async () => {
    const own = await startNatsServer();
    const lasting = await Engine.open(own.url);
    try {
      const first = await lasting.consume(note);
      await new Groups(lasting.connection).pause('g');
      await first.stop();
      await lasting.publish(5);
      await own.restart();
      await until('the return', () => lasting.connection.health.current.state === 'connected');
      const again = await lasting.consume(note, { ackWaitMs: 5000, maxAckPending: 77 });
      const { config, paused } = await lasting.connection.jsm.consumers.info(lasting.stream, 'g');
      expect([config.max_ack_pending, paused]).toEqual([77, true]);
      expect(again.consumer.info?.paused).toBe(true);
      await idle();
      expect(handled).toEqual([]);
      await again.consumer.resume();
      await lasting.settled();
      expect(sorted(handled)).toEqual(bodies(5));
    } finally {
      await lasting.close();
      await own.stop();
    }
  });

  it('is waited for in peace: no session is given up, and no consumer restored', async () => {
    const restores = jest.fn<() => void>();
    const replica = await engine.prepare(note);
    const restore = replica.consumer.restore.bind(replica.consumer);
    replica.consumer.restore = () => {
      restores();
      return restore();
    };
    replica.loop.start();
    await replica.consumer.pause();
    // Longer than the silence after which a session is given up.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(restores).not.toHaveBeenCalled();
    await engine.publish(3);
    await replica.consumer.resume();
    await engine.settled();
    expect(sorted(handled)).toEqual(bodies(3));
  });

  it('finishes what it holds, and is given retries only afterwards', async () => {
    const attempts: number[] = [];
    await engine.publish(1);
    const replica = await engine.consume(
      async (message) => {
        attempts.push(message.attempt);
        if (message.attempt > 1) return note(message);
        await replica.consumer.pause();
        throw new Error('again');
      },
      { retry: { attempts: 3, backoff: () => 50 } },
    );
    await until('the first attempt', async () => attempts.length === 1 && (await isPaused()).includes(true));
    await idle();
    expect(attempts).toEqual([1]);
    await replica.consumer.resume();
    await engine.settled();
    expect(attempts).toEqual([1, 2]);
  });

  it('comes back paused when its consumer is deleted', async () => {
    const replica = await engine.consume(note);
    await replica.consumer.pause();
    await engine.connection.jsm.consumers.delete(engine.stream, 'g');
    await engine.publish(3);
    await until('the consumer', async () => (await isPaused()).length === 1);
    expect(await isPaused()).toEqual([true]);
    await idle();
    expect(handled).toEqual([]);
  });

  it('is found by its application too', async () => {
    await engine.consume(note);
    const found = async (app: string): Promise<number> => (await groups.pause('g', { app })).length;
    expect(await found('engine')).toBeGreaterThan(0);
    await expect(found('another')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
    await expect(groups.resume('nobody')).rejects.toMatchObject({ code: 'GROUP_UNKNOWN' });
  });
});
