import { jest } from '@jest/globals';
import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AckPolicy } from '@nats-io/jetstream';
import { systemClock } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { bodyOf, Engine, gate, until } from '../engine.fixture.js';
import {
  ADVISORIES,
  AdvisoryReconciler,
  advisoryStream,
  DEAD_LETTERS,
  deadLetterStream,
  DeadLetterWriter,
  DeadMessage,
  Delivery,
} from '../index.js';

jest.setTimeout(30_000);

const once1 = { attempts: 1 };

describe('messages that only the server knows to be lost', () => {
  let server: NatsServer;
  let engine: Engine;
  let reconcilers: AdvisoryReconciler[];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(async () => {
    reconcilers = [];
    engine = await Engine.open(server.url);
    await engine.connection.jsm.streams.purge(DEAD_LETTERS);
    await capture();
  });
  afterEach(async () => {
    await Promise.all(reconcilers.map((reconciler) => reconciler.stop(1000)));
    await engine.close();
  });
  afterAll(() => server.stop());

  const capture = (): Promise<void> => engine.connection.streams.ensure(advisoryStream(), 'create');

  const reconcile = async (connection = engine.connection): Promise<AdvisoryReconciler> => {
    const { stream } = engine;
    const reconciler = new AdvisoryReconciler({
      connection,
      mode: 'create',
      name: stream,
      ensureStream: capture,
      isOurs: (name) => name === stream,
      originOf: () => undefined,
      writer: new DeadLetterWriter<DeadMessage>(connection, ({ group }) => `dead.${stream}.m.${group}._`),
    });
    reconcilers.push(reconciler);
    await reconciler.start();
    return reconciler;
  };

  const told = async (): Promise<number> => {
    const subject = `*.*.*.*.*.${engine.stream}.>`;
    const { state } = await engine.connection.jsm.streams.info(ADVISORIES, { subjects_filter: subject });
    return Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0);
  };

  /** Waits until so many advisories are stored, and none is left to be reconciled. */
  const reconciled = (count: number): Promise<void> =>
    until(`${count} advisories to be reconciled`, async () => {
      if ((await told()) < count) return false;
      const { jsm } = engine.connection;
      const { ack_floor: floor } = await jsm.consumers.info(ADVISORIES, engine.stream);
      return floor.stream_seq >= (await jsm.streams.info(ADVISORIES)).state.last_seq;
    });

  const foreignConsumer = async (maxDeliver = -1): Promise<void> => {
    await engine.connection.jsm.consumers.add(engine.stream, {
      durable_name: 'foreign',
      ack_policy: AckPolicy.Explicit,
      max_deliver: maxDeliver,
    });
  };

  /** Lets a client without Millrace answer the next messages. */
  const answer = async (group: string, answers: readonly ('term' | 'nak')[]): Promise<void> => {
    const consumer = await engine.connection.js.consumers.get(engine.stream, group);
    for (const how of answers) {
      const message = await consumer.next({ expires: 5000 });
      if (how === 'term') message?.term('not for us');
      else message?.nak();
    }
    await engine.connection.nc.flush();
  };

  it('are dead letters once terminated by a foreign client, one for each, with two replicas at work', async () => {
    await engine.prepare(() => undefined);
    await reconcile();
    await reconcile(await engine.connect());
    await engine.publish(20);
    await answer(
      'g',
      Array.from({ length: 20 }, () => 'term'),
    );
    await reconciled(20);
    const letters = await engine.letters();
    expect(
      letters
        .map(bodyOf)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(letters[0]).toMatchObject({
      group: 'g',
      attempts: 1,
      cause: { code: 'MESSAGE_TERMINATED', message: expect.stringContaining('not for us') },
      original: { stream: engine.stream, subject: `${engine.stream}.m` },
    });
  });

  it('are dead letters of a consumer that is not ours, delivered as often as it allows', async () => {
    await foreignConsumer(2);
    await reconcile();
    await engine.publish(1);
    await answer('foreign', ['nak', 'nak']);
    // The server tells of it when the message is asked for once more.
    const consumer = await engine.connection.js.consumers.get(engine.stream, 'foreign');
    expect(await consumer.next({ expires: 1000 })).toBeNull();
    await reconciled(1);
    expect(await engine.letters()).toMatchObject([
      { group: 'foreign', attempts: 2, cause: { code: 'ATTEMPTS_EXHAUSTED' } },
    ]);
  });

  it('while no replica was there are found by the first that comes', async () => {
    await engine.prepare(() => undefined);
    const first = await reconcile();
    await first.stop(1000);
    await engine.publish(3);
    await answer('g', ['term', 'term', 'term']);
    await until('the advisories', async () => (await told()) === 3);
    await server.restart({ signal: 'SIGKILL' });
    await until('the connection', () => engine.connection.health.current.state === 'connected');
    expect(await engine.letters()).toEqual([]);
    await reconcile();
    await until('the dead letters', async () => (await engine.letters()).length >= 3);
    expect((await engine.letters()).map(bodyOf).sort()).toEqual(['0', '1', '2']);
  });

  it('are not told of twice where the engine knew it too', async () => {
    await reconcile();
    const terminated = gate();
    await engine.consume(
      async ({ stream, attempt, sequence, storedAt }) => {
        const token = [stream, 'g', attempt, sequence, 1, storedAt.getTime() * 1e6, 0].join('.');
        engine.connection.nc.publish(`$JS.ACK.${token}`, '+TERM');
        await terminated.opened;
        throw new Error('no way');
      },
      { retry: once1 },
    );
    await engine.publish(1);
    await reconciled(1);
    terminated.open();
    await until('the handler', () => engine.inHand === 0);
    expect(await engine.letters()).toMatchObject([{ cause: { code: 'MESSAGE_TERMINATED' } }]);
  });

  it('of a stream made anew are not taken for others, nor told of when they are gone', async () => {
    await engine.prepare(() => undefined);
    await engine.publish(1);
    await answer('g', ['term']);
    await engine.connection.jsm.streams.delete(engine.stream);
    await engine.ensureStream();
    await engine.store('another');
    await reconcile();
    await reconciled(1);
    expect(await engine.letters()).toEqual([]);
  });

  it('were dead-lettered long ago: the server has forgotten the id, and there is still one', async () => {
    const later = await engine.connect({ clock: { ...systemClock, now: () => Date.now() + 24 * 3_600_000 } });
    const { js, jsm } = engine.connection;
    const { name, initial } = deadLetterStream();
    await jsm.streams.delete(name);
    await jsm.streams.add({ ...initial, name, duplicate_window: 100e6 });
    await engine.publish(2);
    const fail = (): never => {
      throw new Error('no way');
    };
    const first = await engine.consume(fail, { retry: once1 });
    await engine.settled();
    await first.stop();
    await first.consumer.remove();
    const isForgotten = async (): Promise<boolean> =>
      !(await js.publish('dead.probe.m.g._', '', { msgID: 'probe' })).duplicate;
    await isForgotten();
    await until('the ids to be forgotten', isForgotten);
    // As after hours without a replica, the acknowledgements having been lost.
    await engine.consume(fail, { retry: once1 }, later);
    await engine.settled();
    expect(await engine.letters()).toHaveLength(2);
    await jsm.streams.delete(name);
  });

  describe('with a replica that never answers', () => {
    let child: ChildProcess;
    const take = async (attempts: number): Promise<void> => {
      const program = fileURLToPath(new URL('../../fixtures/silent-replica.mjs', import.meta.url));
      const options = { url: server.url, stream: engine.stream, group: 'g', attempts, ackWaitMs: 1000 };
      child = fork(program, [JSON.stringify(options)], { execArgv: [], stdio: 'inherit' });
      await once(child, 'message');
    };
    afterEach(() => child.kill('SIGKILL'));

    const handled: Delivery[] = [];
    const rescue = async (attempts: number): Promise<void> => {
      handled.length = 0;
      await engine.consume((message) => void handled.push(message), { retry: { attempts }, ackWaitMs: 1000 });
      await until('the dead letter', async () => (await engine.letters()).length === 1);
      await engine.settled();
    };

    it('are dead letters once it is killed on the last attempt, without another call', async () => {
      await engine.prepare(() => undefined, { ackWaitMs: 1000 });
      await engine.publish(1);
      for (let attempt = 1; attempt <= 2; attempt++) {
        await take(2);
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rescue(2);
      expect(await engine.letters()).toMatchObject([{ attempts: 3, cause: { code: 'ATTEMPTS_EXHAUSTED' } }]);
      expect(handled).toEqual([]);
    });

    it('are dead letters once its lease has run out, also when it comes back', async () => {
      await engine.prepare(() => undefined, { ackWaitMs: 1000 });
      await engine.publish(1);
      await take(1);
      child.kill('SIGSTOP');
      await rescue(1);
      child.kill('SIGCONT');
      await engine.store('after');
      await until('what comes after', () => handled.length === 1);
      expect(await engine.letters()).toMatchObject([{ attempts: 2, cause: { code: 'ATTEMPTS_EXHAUSTED' } }]);
    });
  });
});
