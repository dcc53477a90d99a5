import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { NatsModule } from '@millrace/core';
import { EventBus, EventsModule, SubscribeOptions } from '@millrace/events';
import { Contender } from './contender.js';
import { measure } from './measure.js';
import { Suite } from './suite.js';

const KEYS = 1000;
const IN_FLIGHT = 1024;
const STREAM = 'EVENTS_benchorder';

/** No class describes it: what is measured is the way of an event, not its validation. */
const EVENT = 'benchorder.counted';

interface Body {
  key: string;
  n: number;
}

/** Counts what is handled, and what comes before the event before it. */
class OrderCheck {
  private readonly last = new Map<string, number>();
  private left = 0;
  private finish: () => void = () => undefined;
  violations = 0;

  constructor(private readonly ordered: boolean) {}

  note({ key, n }: Body): void {
    const before = this.last.get(key) ?? 0;
    if (this.ordered && n > before + 1) this.violations++;
    this.last.set(key, Math.max(before, n));
    if (--this.left <= 0) this.finish();
  }

  next(count: number): Promise<void> {
    this.last.clear();
    this.left = count;
    return new Promise((resolve) => (this.finish = resolve));
  }
}

type Opened = { end(): Promise<void> };

let groups = 0;

/** A new group that handles everything that is stored. */
const backlog = (
  name: string,
  open: (group: string, check: OrderCheck) => Promise<Opened>,
  ordered: boolean,
): Contender => ({
  name,
  run: async (count) => {
    const check = new OrderCheck(ordered);
    const handled = check.next(count);
    const opened = await open(`ordered-${++groups}`, check);
    await handled;
    await opened.end();
    if (check.violations > 0) throw new Error(`${name}: ${check.violations} events ran ahead`);
  },
  close: () => Promise.resolve(),
});

/** A callback consumer of the stream, acknowledging each. */
const raw = async (url: string, group: string, check: OrderCheck): Promise<Opened> => {
  const nc = await connect({ servers: url, noAsyncTraces: true });
  const jsm = await jetstreamManager(nc);
  await jsm.consumers.add(STREAM, {
    durable_name: group,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 5000,
  });
  const consumer = await jetstream(nc).consumers.get(STREAM, group);
  const messages = await consumer.consume({
    max_messages: 1000,
    callback: (message) => {
      check.note(message.json<Body>());
      message.ack();
    },
  });
  return {
    end: async () => {
      await messages.close();
      await jsm.consumers.delete(STREAM, group);
      await nc.close();
    },
  };
};

/** `count` events, each key's counted from 1. */
const fill = (url: string, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    void connect({ servers: url, noAsyncTraces: true }).then((nc) => {
      let sent = 0;
      let stored = 0;
      const inbox = `bench.${Date.now()}`;
      const send = (): void => {
        const at = sent++;
        const body = JSON.stringify({ key: `k${at % KEYS}`, n: Math.floor(at / KEYS) + 1 });
        nc.publish(`events.benchorder.counted.k${at % KEYS}`, body, { reply: inbox });
      };
      nc.subscribe(inbox, {
        callback: (error) => {
          if (error) return reject(error);
          if (++stored === count) return void nc.close().then(resolve);
          if (sent < count) send();
        },
      });
      while (sent < Math.min(IN_FLIGHT, count)) send();
    }, reject);
  });

/** What order per key costs, each event checked to come behind the one before it. */
export const ordered: Suite = {
  name: 'ordered',
  setting: `a backlog over ${KEYS} keys, no validation, a handler that does nothing, file storage, one replica`,
  count: 50_000,
  run: async ({ url, ...size }) => {
    @Module({ imports: [NatsModule.forRoot({ name: 'bench', servers: url }), EventsModule.forRoot()] })
    class App {}
    const apps = await Promise.all(
      [1, 2].map(() => NestFactory.createApplicationContext(App, { logger: ['error', 'warn'] })),
    );
    const two = apps.map((app) => app.get(EventBus));
    const one = two.slice(0, 1);
    const millrace = (name: string, options: SubscribeOptions, buses: readonly EventBus[]): Contender =>
      backlog(
        name,
        async (group, check) => {
          const subscriptions = await Promise.all(
            buses.map((one) =>
              one?.subscribe(EVENT, (event) => check.note(event as Body), { ...options, group }),
            ),
          );
          const [first, ...others] = subscriptions;
          return {
            end: async () => {
              await Promise.all(others.map((subscription) => subscription.unsubscribe()));
              await first?.remove();
            },
          };
        },
        options.ordered ?? false,
      );
    try {
      // Makes the stream.
      const [first] = await Promise.all(
        one.map((bus) => bus.subscribe(EVENT, () => undefined, { group: 'provision' })),
      );
      await first?.remove();
      await fill(url, size.count);
      const contenders = [
        backlog('raw callback consumer (no order)', (group, check) => raw(url, group, check), false),
        millrace('@Subscribe (no order)', {}, one),
        ...[1, 16, 64].map((partitions) =>
          millrace(`ordered, ${partitions} partitions`, { ordered: true, partitions }, one),
        ),
        millrace('ordered, 16 partitions, two replicas', { ordered: true }, two),
      ];
      return await measure({ suite: 'ordered', name: 'a backlog, handled', contenders }, size);
    } finally {
      await Promise.all(apps.map((app) => app.close()));
    }
  },
};
