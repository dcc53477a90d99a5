import {
  Body,
  Controller,
  DynamicModule,
  Global,
  INestApplication,
  Injectable,
  Logger,
  Module,
  Post,
  Provider,
  Scope,
  Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getConnectionToken, NatsModule } from '@millrace/core';
import { EventsModule, Subscribe } from '@millrace/events';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import {
  HeldLock,
  Leader,
  LeaderService,
  Lock,
  LockAcquired,
  LockExpired,
  LockReleased,
  LocksModule,
  LocksModuleOptions,
  LockService,
  WithLock,
} from './index.js';
import {
  Child,
  closeLocks,
  endChildren,
  OpenLocks,
  openLocks,
  pause,
  timed,
  until,
} from './locks.fixture.js';

let server: NatsServer;
let other: OpenLocks;
const apps = new Set<INestApplication>();

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startNatsServer();
  other = await openLocks(server.url, { name: 'other' });
});
afterEach(async () => {
  await endChildren();
  await Promise.all([...apps].map((app) => app.close()));
  apps.clear();
}, 30_000);
afterAll(async () => {
  await closeLocks();
  await server.stop();
  Logger.overrideLogger(['log', 'warn', 'error']);
});

interface Setup {
  providers?: Provider[];
  controllers?: Type[];
  imports?: (Type | DynamicModule)[];
  locks?: LocksModuleOptions;
  /** Over the connection of the test itself, which it closes: Nest leaves behind those of what does not start. */
  borrowed?: boolean;
}

@Global()
@Module({
  providers: [{ provide: getConnectionToken(), useFactory: () => other.connection }],
  exports: [getConnectionToken()],
})
class BorrowedConnection {}

const startApp = async ({ providers = [], controllers = [], imports = [], locks = {}, borrowed }: Setup) => {
  @Module({
    imports: [
      borrowed ? BorrowedConnection : NatsModule.forRoot({ name: 'shop', servers: server.url }),
      LocksModule.forRoot(locks),
      ...imports,
    ],
    providers,
    controllers,
  })
  class App {}
  const testing = await Test.createTestingModule({ imports: [App] }).compile();
  const app = testing.createNestApplication();
  app.useLogger(false);
  apps.add(app);
  await app.init();
  return app;
};

interface Order {
  orderId: string;
}

@Injectable()
class Orders {
  inside = 0;
  most = 0;
  readonly locks: Lock[] = [];

  @WithLock('order:{orderId}', { ttl: '5s', wait: '5s' })
  async pay(order: Order, @HeldLock() lock?: Lock): Promise<string> {
    this.most = Math.max(this.most, ++this.inside);
    if (lock) this.locks.push(lock);
    await pause(5);
    this.inside--;
    return `paid ${order.orderId}`;
  }

  @WithLock((from: string, to: string) => `move:${[from, to].sort().join(':')}`, { wait: '50ms' })
  async move(from: string, to: string): Promise<string> {
    await pause(100);
    return `${from} ${to}`;
  }

  @WithLock('outer:{0}', { reentrant: true })
  async outer(id: string): Promise<string> {
    return this.inner(id);
  }

  @WithLock('outer:{0}', { reentrant: true, wait: '100ms' })
  async inner(id: string): Promise<string> {
    return `inner ${id}`;
  }

  @WithLock('fails')
  async fail(): Promise<void> {
    throw new Error('no luck');
  }
}

describe('@WithLock', () => {
  it('runs calls for one name one after the other, and gives them the lock', async () => {
    const app = await startApp({ providers: [Orders] });
    const orders = app.get(Orders);
    const results = await Promise.all(Array.from({ length: 8 }, () => orders.pay({ orderId: 'o1' })));
    expect(results).toEqual(Array.from({ length: 8 }, () => 'paid o1'));
    expect(orders.most).toBe(1);
    expect(orders.locks.map(({ name }) => name)).toEqual(Array.from({ length: 8 }, () => 'order:o1'));
    const tokens = orders.locks.map(({ token }) => token);
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    expect(orders.locks.every(({ held }) => !held)).toBe(true);
    orders.most = 0;
    await Promise.all([orders.pay({ orderId: 'o1' }), orders.pay({ orderId: 'o2' })]);
    expect(orders.most).toBe(2);
  });

  it('does not run the method when it does not get the lock, and refuses a name that cannot be made', async () => {
    const app = await startApp({ providers: [Orders] });
    const orders = app.get(Orders);
    const first = orders.move('a', 'b');
    await until('it is locked', async () => (await other.locks.inspect()).length > 0);
    await expect(orders.move('b', 'a')).rejects.toMatchObject({ code: 'LOCK_TIMEOUT' });
    expect(await first).toBe('a b');
    await expect(orders.pay({} as Order)).rejects.toMatchObject({ code: 'LOCK_NAME_INVALID' });
  });

  it('can be re-entered, and gives the lock back when the method fails', async () => {
    const app = await startApp({ providers: [Orders] });
    const orders = app.get(Orders);
    expect(await orders.outer('x')).toBe('inner x');
    await expect(orders.fail()).rejects.toThrow('no luck');
    const lock = await other.locks.tryAcquire('fails');
    expect(lock).toBeDefined();
    await lock?.release();
  });

  it('works on the handlers of a controller, and beside other decorators in either order', async () => {
    const seen: string[] = [];
    @Controller()
    class OrdersController {
      @Post('below')
      @WithLock('http:{id}')
      async below(@Body() body: { id: string }, @HeldLock() lock: Lock): Promise<object> {
        return { id: body.id, lock: lock.name };
      }

      @WithLock('http:{id}')
      @Post('above')
      async above(@Body() body: { id: string }, @HeldLock() lock: Lock): Promise<object> {
        return { id: body.id, lock: lock.name };
      }

      @WithLock('event:{name}')
      @Subscribe(LockReleased, { group: 'locked-subscriber', from: 'new' })
      async onReleased({ name }: LockReleased, @HeldLock() lock: Lock): Promise<void> {
        if (name === 'trigger') seen.push(lock.name);
      }
    }
    const app = await startApp({ controllers: [OrdersController], imports: [EventsModule.forRoot()] });
    await app.listen(0, '127.0.0.1');
    for (const path of ['below', 'above']) {
      const answer = await fetch(`${await app.getUrl()}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: 'h1' }),
      });
      expect(await answer.json()).toEqual({ id: 'h1', lock: 'http:h1' });
    }
    await (await app.get(LockService).acquire('trigger')).release();
    await until('the subscriber ran under its lock', () => seen.includes('event:trigger'));
  }, 30_000);

  it('refuses request-scoped classes, parameters without a lock, and instances that Nest does not know', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @WithLock('a')
      async run(): Promise<void> {}
    }
    await expect(startApp({ providers: [Scoped] })).rejects.toMatchObject({ code: 'LOCK_REQUEST_SCOPED' });
    @Injectable()
    class Unlocked {
      run(@HeldLock() _lock: Lock): void {}
    }
    await expect(startApp({ providers: [Unlocked] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(new Orders().pay({ orderId: 'o' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

const led: string[] = [];
@Injectable()
@Leader('scheduler', { ttl: '2s' })
class Scheduler {
  token = 0;
  onElected(signal: AbortSignal, lock: Lock): Promise<void> {
    this.token = lock.token;
    led.push('leads');
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        led.push('ends');
        resolve();
      });
    });
  }
}

describe('@Leader', () => {
  it('leads in one application at a time, and hands over within 200 ms at shutdown', async () => {
    const first = await startApp({ providers: [Scheduler] });
    await until('the first leads', () => first.get(LeaderService).isLeader('scheduler'));
    const second = await startApp({ providers: [Scheduler] });
    await until('the second waits', async () => {
      const seat = (await other.locks.inspect()).find(({ name }) => name === 'leader:scheduler');
      return seat?.waiters.length === 1;
    });
    expect(second.get(LeaderService).isLeader('scheduler')).toBe(false);
    led.length = 0;
    const { ms } = await timed(async () => {
      const closing = first.close();
      await until('the second leads', () => second.get(LeaderService).isLeader('scheduler'));
      void closing;
    });
    apps.delete(first);
    expect(ms).toBeLessThan(200);
    // The first has ended its work before the second began.
    expect(led).toEqual(['ends', 'leads']);
    expect(second.get(Scheduler).token).toBeGreaterThan(first.get(Scheduler).token);
    expect(second.get(LeaderService).isLeader('unknown')).toBe(false);
  }, 30_000);

  it('gives the seat up when its work fails, and refuses a class without onElected', async () => {
    let elections = 0;
    @Injectable()
    @Leader('failing')
    class Failing {
      onElected(): void {
        elections++;
        throw new Error('no luck');
      }
    }
    const app = await startApp({ providers: [Failing] });
    await until('it was elected again', () => elections === 2);
    expect(app.get(LeaderService).names()).toContain('failing');
    @Injectable()
    class Without {}
    Leader('without')(Without as never);
    await expect(startApp({ providers: [Without] })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  }, 30_000);
});

describe('events', () => {
  @Injectable()
  class Journal {
    readonly lines: string[] = [];
    readonly events: (LockAcquired | LockReleased | LockExpired)[] = [];

    @Subscribe([LockAcquired, LockReleased, LockExpired], { group: 'journal', from: 'new', concurrency: 1 })
    note(event: LockAcquired | LockReleased | LockExpired): void {
      if (event.name.startsWith('leader:') || event.name === 'trigger') return;
      this.lines.push(`${event.constructor.name} ${event.name} ${event.token}`);
      this.events.push(event);
    }
  }

  it('tell of every acquisition, release, hand-over and expiry, also of a killed process', async () => {
    const app = await startApp({ providers: [Journal], imports: [EventsModule.forRoot()] });
    const journal = app.get(Journal);
    const locks = app.get(LockService);
    await until('somebody watches for expiries', async () =>
      (await other.locks.inspect()).some(({ name }) => name === 'leader:millrace lock expiries'),
    );
    const first = await locks.acquire('told');
    const waiting = locks.acquire('told');
    await until('it waits', async () =>
      (await other.locks.inspect()).some(({ name, waiters }) => name === 'told' && waiters.length === 1),
    );
    await first.release();
    const second = await waiting;
    await second.release();
    const expected = [
      `LockAcquired told ${first.token}`,
      `LockAcquired told ${second.token}`,
      `LockReleased told ${first.token}`,
      `LockReleased told ${second.token}`,
    ];
    await until('all is told', () => journal.lines.length >= 4);
    expect([...journal.lines].sort()).toEqual(expected.sort());
    const handedOver = journal.events.find(
      (event) => event instanceof LockAcquired && event.token === second.token,
    );
    expect(handedOver).toMatchObject({ kind: 'lock', mode: 'exclusive', waitedMs: expect.any(Number) });

    const child = Child.start('holder', { url: server.url, name: 'dies', ttl: '1s' });
    const { token } = await child.heard('held');
    child.kill('SIGKILL');
    await until('the expiry is told', () => journal.lines.includes(`LockExpired dies ${token}`));
    expect(journal.lines.filter((line) => line.startsWith('LockExpired'))).toHaveLength(1);
  }, 40_000);

  it('neither delay nor break a lock when they cannot be published, and need not be', async () => {
    const app = await startApp({ imports: [EventsModule.forRoot()] });
    const locks = app.get(LockService);
    await (await locks.acquire('warm')).release();
    await other.connection.jsm.streams.delete('EVENTS_lock');
    const { ms } = await timed(async () => {
      for (let round = 0; round < 50; round++) await (await locks.acquire('quick')).release();
    });
    expect(ms).toBeLessThan(2000);
    const silent = await startApp({ imports: [EventsModule.forRoot()], locks: { events: false } });
    expect(silent.get(LeaderService).names()).toEqual([]);
    await expect(startApp({ borrowed: true, locks: { events: true } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  }, 40_000);
});

describe('the module', () => {
  it('gives back what is held at shutdown', async () => {
    const app = await startApp({});
    const lock = await app.get(LockService).acquire('held at shutdown', { ttl: '30s' });
    const waiting = other.locks.acquire('held at shutdown');
    await app.close();
    apps.delete(app);
    expect(lock.held).toBe(false);
    await (await waiting).release();
    await expect(app.get(LockService).acquire('late')).rejects.toMatchObject({ code: 'LOCKS_CLOSED' });
  });

  it('takes its options asynchronously, and keeps its leases in the bucket that they name', async () => {
    @Module({
      imports: [
        NatsModule.forRoot({ name: 'shop', servers: server.url }),
        LocksModule.forRootAsync({
          useFactory: () => ({ bucket: 'leases', storage: 'memory', defaults: { ttl: '3s' } }),
        }),
      ],
    })
    class App {}
    const testing = await Test.createTestingModule({ imports: [App] }).compile();
    const app = testing.createNestApplication();
    apps.add(app);
    await app.init();
    const locks = app.get(LockService);
    const lock = await locks.acquire('a');
    expect((await locks.inspect())[0]?.holders[0]?.ttlMs).toBe(3000);
    await lock.release();
    const { config } = await other.connection.jsm.streams.info('KV_leases');
    expect(config).toMatchObject({ storage: 'memory', allow_direct: false, max_msgs_per_subject: 1 });
  });

  it("refuses a bucket that is not there with provision: 'bind', and a name that is none", async () => {
    await expect(
      startApp({ borrowed: true, locks: { bucket: 'absent', provision: 'bind' } }),
    ).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
    });
    await expect(startApp({ borrowed: true, locks: { bucket: 'a.b' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await expect(startApp({ borrowed: true, locks: { defaults: { ttl: '10ms' } } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});
