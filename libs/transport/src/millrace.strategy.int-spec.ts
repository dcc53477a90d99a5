import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import { IsInt, IsPositive, IsString } from 'class-validator';
import { firstValueFrom, interval, lastValueFrom, map, NEVER, Observable, take, toArray } from 'rxjs';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { DeadLetters, Event } from '@millrace/events';
import { openConnection, silentLog } from '@millrace/core';
import { MillraceClient } from './millrace.client.js';
import { MillraceContext } from './millrace.context.js';
import { PermanentRpcException } from './permanent-rpc.exception.js';
import { closeAll, OnEvent, openClient, startService, until } from './transport.fixture.js';
import { MillraceRecordBuilder } from './transport.record.js';

@Event('shop.paid', { key: 'orderId' })
class Paid {
  @IsString() orderId!: string;
  @IsInt() @IsPositive() cents!: number;
}

const paid = (orderId: string, cents: number): Paid => Object.assign(new Paid(), { orderId, cents });

let server: NatsServer;
let client: MillraceClient;

beforeAll(async () => {
  server = await startNatsServer();
  client = await openClient({ name: 'client', servers: server.url, replyTimeout: '2s' });
});
afterAll(async () => {
  await closeAll();
  await server.stop();
});

const options = (name: string) => ({ name, servers: server.url, shutdownTimeout: '500ms' as const });
const emit = (pattern: unknown, data: unknown): Promise<unknown> =>
  firstValueFrom(client.emit(pattern, data));
const send = (pattern: unknown, data: unknown): Promise<unknown> => lastValueFrom(client.send(pattern, data));

describe('an event', () => {
  it('that was emitted while no service ran is handled when one starts', async () => {
    const seen: unknown[] = [];
    @Controller()
    class Late {
      @EventPattern('late.bird')
      handle(@Payload() data: unknown): void {
        seen.push(data);
      }
    }
    await emit('late.bird', [1, 'two', { three: 3 }]);
    await startService([Late], options('late'));
    await until('it is handled', () => seen.length === 1);
    expect(seen).toEqual([[1, 'two', { three: 3 }]]);
  });

  it('is handled by one of the replicas, and again by none after a restart', async () => {
    const seen: string[] = [];
    const replica = (name: string) => {
      @Controller()
      class Replica {
        @EventPattern('shared.work')
        handle(@Payload() data: number): void {
          seen.push(`${name} ${data}`);
        }
      }
      return Replica;
    };
    const first = await startService([replica('a')], options('shared'));
    const second = await startService([replica('b')], options('shared'));
    await Promise.all(Array.from({ length: 20 }, (_, at) => emit('shared.work', at)));
    await until('all are handled', () => seen.length >= 20);
    await Promise.all([first.close(), second.close()]);
    await startService([replica('c')], options('shared'));
    await emit('shared.work', 20);
    await until('the new one is handled', () => seen.includes('c 20'));
    expect(seen.map((text) => Number(text.split(' ')[1])).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 21 }, (_, at) => at),
    );
  });

  it('whose handler fails is retried, then dead-lettered; at once where no retry can help', async () => {
    const attempts: [string, number][] = [];
    @Controller()
    class Failing {
      @OnEvent('failing.often', { group: 'failing', retry: { attempts: 3, backoff: () => 10 } })
      fail(@Payload() data: string, @Ctx() context: MillraceContext): void {
        attempts.push([data, context.getAttempt()]);
        if (data === 'hopeless') throw new PermanentRpcException('no use');
        throw new Error('not now');
      }
    }
    await startService([Failing], options('failing'));
    await emit('failing.often', 'some');
    await emit('failing.often', 'hopeless');
    const connection = await openConnection(options('reader'), silentLog);
    const letters = new DeadLetters(connection);
    const causes: string[] = [];
    await until('one is tried three times', () => attempts.filter(([data]) => data === 'some').length === 3);
    for (let tries = 0; causes.length < 2 && tries < 100; tries++) {
      causes.length = 0;
      for await (const { cause } of letters.list({ group: 'failing' })) causes.push(cause.message);
    }
    expect(causes.sort()).toEqual(['Internal server error', expect.stringMatching(/^no use/)]);
    expect(attempts.filter(([data]) => data === 'hopeless')).toHaveLength(1);
    await connection.close();
  });

  it('reaches wildcard handlers, whatever the number of its tokens', async () => {
    const seen: string[] = [];
    @Controller()
    class Wild {
      @OnEvent('wild.>')
      all(@Ctx() context: MillraceContext): void {
        seen.push(`> ${context.getSubject()}`);
      }

      @OnEvent('wild.*')
      some(@Ctx() context: MillraceContext): void {
        seen.push(`* ${context.getSubject()}`);
      }
    }
    await startService([Wild], options('wild'));
    for (const pattern of ['wild.cat', 'wild.cat.big', 'tame.cat', 'wild']) await emit(pattern, {});
    await until('all are handled', () => seen.length === 3);
    expect(seen.sort()).toEqual(['* wild.cat', '> wild.cat', '> wild.cat.big']);
  });

  it('is a Millrace event: any client may publish it, its key and headers are told', async () => {
    const seen: unknown[] = [];
    @Controller()
    class Shop {
      @OnEvent('shop.paid')
      handle(@Payload() data: unknown, @Ctx() context: MillraceContext): void {
        const headers = context.getHeaders();
        seen.push([data, context.getMessage()?.key, headers.get('x-tenant')]);
      }
    }
    await startService([Shop], options('shop'));
    const nc = await connect({ servers: server.url });
    nc.publish('events.shop.paid.bare', '{"orderId":"bare","cents":1}');
    await nc.flush();
    await nc.close();
    await emit('shop.paid', paid('typed', 2));
    const record = new MillraceRecordBuilder({ orderId: 'plain', cents: 3 });
    await emit('shop.paid', record.setKey('plain').setHeaders({ 'x-tenant': 'eu' }).build());
    await until('all are handled', () => seen.length === 3);
    expect(seen).toEqual(
      expect.arrayContaining([
        [{ orderId: 'bare', cents: 1 }, 'bare', ''],
        [{ orderId: 'typed', cents: 2 }, 'typed', ''],
        [{ orderId: 'plain', cents: 3 }, 'plain', 'eu'],
      ]),
    );
  });

  it('of a contract class is validated, and emitted to its own name alone', async () => {
    await expect(emit('shop.paid', paid('wrong', -1))).rejects.toMatchObject({ code: 'EVENT_INVALID' });
    await expect(emit('shop.sold', paid('wrong', 1))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(emit('shop.*', {})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('of no class at all is stored, in a stream that is kept as the options say, or not at all', async () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(await emit('shop.bare', bare)).toMatchObject({ stream: 'EVENTS_shop' });
    const events = { provision: 'bind' as const };
    const kept = await openClient({ ...options('kept'), events: { contexts: { kept: { maxAge: '1h' } } } });
    await firstValueFrom(kept.emit('kept.a', {}));
    const reader = await openConnection(options('reader'), silentLog);
    expect((await reader.streams.find('EVENTS_kept'))?.config.max_age).toBe(3_600_000_000_000);
    await reader.close();
    const binding = await openClient({ ...options('binding'), events });
    await expect(firstValueFrom(binding.emit('unmade.a', {}))).rejects.toMatchObject({
      code: 'PROVISION_MISSING',
      message: expect.stringContaining('EVENTS_unmade'),
    });
  });

  it('under a message id that the stream has seen is stored once', async () => {
    const record = new MillraceRecordBuilder('once').setMessageId('one').build();
    expect(await emit('shop.opened', record)).toMatchObject({ duplicate: false });
    expect(await emit('shop.opened', record)).toMatchObject({ duplicate: true });
  });
});

describe('a request', () => {
  const stopped: string[] = [];

  @Controller()
  class Requests {
    @MessagePattern('two words')
    words(): string {
      return 'found';
    }

    @MessagePattern('endless')
    endless(): Observable<number> {
      return new Observable((observer) => {
        const subscription = interval(5)
          .pipe(map((n) => n))
          .subscribe(observer);
        return () => {
          stopped.push('endless');
          subscription.unsubscribe();
        };
      });
    }

    @MessagePattern('silent')
    silent(): Observable<never> {
      return NEVER;
    }
  }

  beforeAll(() => startService([Requests], { ...options('requests'), maxRequests: 2 }));

  it('finds patterns that are no subjects', async () => {
    expect(await send('two words', {})).toBe('found');
  });

  it('that nobody handles fails at once', async () => {
    const begun = performance.now();
    await expect(send('unknown', {})).rejects.toMatchObject({ code: 'COMMAND_NO_HANDLER' });
    expect(performance.now() - begun).toBeLessThan(1500);
  });

  it('that is given up stops its handler', async () => {
    const values = client.send<number>('endless', {}).pipe(take(3), toArray());
    expect(await lastValueFrom(values)).toEqual([0, 1, 2]);
    await until('the handler has stopped', () => stopped.length === 1);
  });

  it('without a reply fails in its time, and one too many is refused', async () => {
    const quick = new MillraceRecordBuilder({}).setTimeout('300ms').build();
    const waiting = [send('silent', quick), send('silent', quick)].map((each) =>
      each.catch((error: unknown) => error),
    );
    await expect(send('two words', {})).rejects.toMatchObject({ code: 'COMMAND_OVERLOADED' });
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'COMMAND_TIMEOUT' },
      { code: 'COMMAND_TIMEOUT' },
    ]);
  });

  it('of a client that knows no packets gets the bare value', async () => {
    await startService([Requests], { ...options('bare'), maxRequests: 8 });
    const nc = await connect({ servers: server.url });
    for (let tries = 0; tries < 20; tries++) {
      const answer = (await nc.request('two=20words', '{}')).json();
      if (answer === 'found') break;
      expect(answer).toMatchObject({ err: { code: 'COMMAND_OVERLOADED' } });
    }
    expect((await nc.request('two=20words', '{}', { timeout: 2000 })).json()).toBeDefined();
    await nc.close();
  });
});

it('refuses what it cannot do: a wrong option when it starts, a call when it is closed', async () => {
  @Controller()
  class Wrong {
    @OnEvent('wrong.option', { concurrency: 0 })
    handle(): void {
      throw new Error('never called');
    }
  }
  await expect(startService([Wrong], options('wrong'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  const closed = await openClient(options('closed'));
  await closed.close();
  await expect(Promise.resolve().then(() => closed.unwrap())).rejects.toMatchObject({
    code: 'CONNECTION_CLOSED',
  });
});
