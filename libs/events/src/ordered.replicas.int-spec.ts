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

const handledAll = (rounds: number, timeoutMs = 30_000): Promise<void> =>
  until('everything to be handled', () => fleet.verdict().handled === rounds * KEYS, timeoutMs);

const evenly = (shares: readonly number[]): boolean =>
  shares.reduce((sum, share) => sum + share, 0) === 8 && (shares.at(-1) ?? 0) - (shares[0] ?? 0) <= 1;

describe('replicas of a group that handles in order', () => {
  it('keep the order of each key when one after another is killed', async () => {
    const Counted = await fleetOf(3);
    let published = 0;
    for (let kill = 0; kill < 3; kill++) {
      const publishing = publish(Counted, published + 1, (published += 40));
      await until('it to be under way', () => fleet.verdict().handled > (published - 30) * KEYS);
      const [victim] = fleet.replicas;
      if (victim) await fleet.remove(victim, 'SIGKILL');
      await Promise.all([publishing, fleet.add()]);
    }
    await handledAll(published);
    const verdict = fleet.verdict();
    expect(verdict).toMatchObject({ early: [], overlapping: [] });
    expect(verdict.longestGapMs).toBeLessThan(10_000);
  }, 60_000);

  it('take over what a killed replica had within five seconds', async () => {
    const Counted = await fleetOf(2, { handlerMs: 0, failures: 0 });
    await until('an even spread', async () => evenly(await fleet.shares()));
    await publish(Counted, 1, 1);
    await handledAll(1);
    const [victim] = fleet.replicas;
    if (victim) await fleet.remove(victim, 'SIGKILL');
    await publish(Counted, 2, 2);
    await handledAll(2);
    expect(fleet.verdict()).toMatchObject({ early: [], overlapping: [] });
  });
});
