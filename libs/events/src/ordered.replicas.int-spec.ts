import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeApps, freshContext, startApp, TestApp, until } from './app.fixture.js';
import { countedEvent } from './contracts.fixture.js';
import { Fleet, FleetOptions } from './ordered.replica.fixture.js';

const KEYS = 40;

type EventClass = ReturnType<typeof countedEvent>;

let server: NatsServer;
let publisher: TestApp;
let fleet: Fleet;

beforeAll(async () => {
  server = await startNatsServer();
  publisher = await startApp({ url: server.url, name: 'publisher' });
});

afterEach(() => fleet.close());

afterAll(async () => {
  await closeApps();
  await server.stop();
});

const fleetOf = async (size: number, options: Partial<FleetOptions> = {}): Promise<EventClass> => {
  const context = freshContext();
  fleet = new Fleet({ url: server.url, context, partitions: 8, handlerMs: 4, failures: 0.03, ...options });
  await Promise.all(Array.from({ length: size }, () => fleet.add()));
  return countedEvent(context);
};

/** Publishes rounds `from` to `to`, one event of each key in each. */
const publish = async (Counted: EventClass, from: number, to: number): Promise<void> => {
  for (let n = from; n <= to; n++) {
    await publisher.bus.publishAll(Array.from({ length: KEYS }, (_, k) => new Counted({ key: `k${k}`, n })));
  }
};

const evenly = (shares: readonly number[]): boolean =>
  shares.reduce((sum, share) => sum + share, 0) === 8 && (shares.at(-1) ?? 0) - (shares[0] ?? 0) <= 1;

describe('replicas of a group that handles in order', () => {
  it('keep the order of each key when one after another is killed', async () => {
    const Counted = await fleetOf(3);
    let published = 0;
    for (let kill = 0; kill < 2; kill++) {
      const publishing = publish(Counted, published + 1, (published += 40));
      await fleet.handled((published - 30) * KEYS);
      const [victim] = fleet.replicas;
      if (victim) await fleet.remove(victim, 'SIGKILL');
      await Promise.all([publishing, fleet.add()]);
    }
    await fleet.handled(published * KEYS);
    const verdict = fleet.verdict();
    expect(verdict).toMatchObject({ handled: published * KEYS, early: [], overlapping: [] });
    expect(verdict.longestGapMs).toBeLessThan(10_000);
  }, 60_000);

  it('keep it when one stands still, loses its partitions, and goes on', async () => {
    const Counted = await fleetOf(2);
    const publishing = publish(Counted, 1, 100);
    await fleet.handled(20 * KEYS);
    const [still] = fleet.replicas;
    still?.child.kill('SIGSTOP');
    await publishing;
    // Without the one that stands still: it has lost its partitions.
    await fleet.handled(95 * KEYS);
    still?.child.kill('SIGCONT');
    await publish(Counted, 101, 110);
    await fleet.handled(110 * KEYS);
    expect(fleet.verdict()).toMatchObject({ handled: 110 * KEYS, early: [], overlapping: [] });
    await until('an even spread', async () => evenly(await fleet.shares()));
  }, 60_000);

  it('come and go, share evenly, and keep the order', async () => {
    const Counted = await fleetOf(1);
    const publishing = publish(Counted, 1, 120);
    await Promise.all([fleet.add(), fleet.add()]);
    await until('an even spread over three', async () => evenly(await fleet.shares()));
    const [first] = fleet.replicas;
    if (first) await fleet.remove(first, 'SIGTERM');
    await until('an even spread over two', async () => evenly(await fleet.shares()));
    await publishing;
    await fleet.handled(120 * KEYS);
    expect(fleet.verdict()).toMatchObject({ handled: 120 * KEYS, early: [], overlapping: [] });
  }, 60_000);

  it('take over what a killed one had, in five seconds where the machine is free', async () => {
    const Counted = await fleetOf(2, { handlerMs: 0, failures: 0 });
    await until('an even spread', async () => evenly(await fleet.shares()));
    const [victim] = fleet.replicas;
    if (victim) await fleet.remove(victim, 'SIGKILL');
    const killedAt = performance.now();
    await publish(Counted, 1, 1);
    await fleet.handled(KEYS);
    expect(performance.now() - killedAt).toBeLessThan(10_000);
  });
});
