import { Controller } from '@nestjs/common';
import {
  ClientProxy,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  NatsContext,
  NatsRecordBuilder,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { headers as createHeaders } from '@nats-io/transport-node';
import { Test } from '@nestjs/testing';
import {
  concat,
  firstValueFrom,
  from,
  lastValueFrom,
  NEVER,
  Observable,
  of,
  scan,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { closeAll, openClient, startService, until } from './transport.fixture.js';

// The behaviours that the NATS cases of Nest's own integration suite check, in our words.

const notified: string[] = [];
const sum = (data: number[]): number => data.reduce((a, b) => a + b, 0);

@Controller()
class MathController {
  @MessagePattern('math.*')
  sum(@Payload() data: number[]): number {
    return sum(data);
  }

  @MessagePattern('async.*')
  asyncSum(data: number[]): Promise<number> {
    return Promise.resolve(sum(data));
  }

  @MessagePattern('stream.*')
  streamSum(data: number[]): Observable<number> {
    return of(sum(data));
  }

  @MessagePattern('streaming.*')
  streaming(data: number[]): Observable<number> {
    return from(data);
  }

  @MessagePattern('exception')
  fail(): Observable<number> {
    return throwError(() => new RpcException('test'));
  }

  @MessagePattern('unexpected')
  breakDown(): number {
    throw new Error('a secret of the handler');
  }

  @MessagePattern({ cmd: 'object' })
  object(): string {
    return 'by its object';
  }

  @MessagePattern('record.duplex')
  duplex(@Payload() data: unknown, @Ctx() context: NatsContext): unknown {
    const headers = context.getHeaders() as { get(name: string): string };
    return { data, version: headers.get('x-version') };
  }

  @MessagePattern('subject.*')
  subject(@Ctx() context: NatsContext): string {
    return context.getSubject();
  }

  @EventPattern('notification')
  first(@Payload() data: string): void {
    notified.push(`first ${data}`);
  }

  @EventPattern('notification')
  second(@Payload() data: string): void {
    notified.push(`second ${data}`);
  }
}

@Controller()
class EchoController {
  @MessagePattern('broadcast.*', { queue: false })
  answer(): Observable<number> {
    return concat(of(1), NEVER);
  }
}

let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer();
  await startService([MathController, EchoController], {
    name: 'math',
    servers: server.url,
    shutdownTimeout: '500ms',
  });
  await startService([EchoController], { name: 'math', servers: server.url, shutdownTimeout: '500ms' });
}, 30_000);
afterAll(async () => {
  await closeAll();
  await server.stop();
});

const contenders: [string, () => Promise<ClientProxy>][] = [
  ['MillraceClient', () => openClient({ name: 'caller', servers: server.url })],
  [
    "Nest's own NATS client",
    async () => {
      const client = ClientProxyFactory.create({
        transport: Transport.NATS,
        options: { servers: [server.url] },
      });
      await client.connect();
      return client;
    },
  ],
];

describe.each(contenders)('a service of MillraceStrategy, called by %s', (_name, open) => {
  let client: ClientProxy;

  beforeAll(async () => {
    client = await open();
  });
  afterAll(async () => {
    await client.close();
  });

  const send = <T>(pattern: unknown, data: unknown): Promise<T> =>
    lastValueFrom(client.send<T>(pattern, data));

  it.each(['math.sum', 'async.sum', 'stream.sum'])('answers %s', async (pattern) => {
    expect(await send(pattern, [1, 2, 3, 4, 5])).toBe(15);
  });

  it('streams each value of an observable', async () => {
    const values = client.send<number, number[]>('streaming.sum', [1, 2, 3, 4, 5]);
    expect(await lastValueFrom(values.pipe(toArray()))).toEqual([1, 2, 3, 4, 5]);
    expect(await lastValueFrom(values.pipe(scan((a, b) => a + b)))).toBe(15);
  });

  it('keeps concurrent requests apart', async () => {
    const lists = Array.from({ length: 10 }, (_, at) =>
      Array.from({ length: 10 }, (_each, n) => at * 10 + n),
    );
    expect(await Promise.all(lists.map((list) => send('math.sum', list)))).toEqual(lists.map(sum));
  });

  it('passes on an RpcException, and tells nothing of any other error', async () => {
    await expect(send('exception', {})).rejects.toEqual({ message: 'test', status: 'error' });
    await expect(send('unexpected', {})).rejects.toEqual({
      message: 'Internal server error',
      status: 'error',
    });
  });

  it('finds handlers by object patterns', async () => {
    expect(await send({ cmd: 'object' }, {})).toBe('by its object');
  });

  it('carries the headers of a record builder', async () => {
    const headers = createHeaders();
    headers.set('x-version', '1.0.0');
    const record = new NatsRecordBuilder({ items: [1, 2, 3] }).setHeaders(headers).build();
    expect(await send('record.duplex', record)).toEqual({ data: { items: [1, 2, 3] }, version: '1.0.0' });
  });

  it('tells the subject of a wildcard handler', async () => {
    expect(await send('subject.hello', {})).toBe('subject.hello');
  });

  it('has every replica answer without a queue', async () => {
    const answers = client.send<number>('broadcast.test', {}).pipe(take(2), toArray());
    expect(await lastValueFrom(answers)).toEqual([1, 1]);
  });
});

it('runs every handler of an event, and stores what was emitted', async () => {
  const client = await openClient({ name: 'emitter', servers: server.url });
  const stored = await firstValueFrom(client.emit('notification', 'hello'));
  expect(stored).toMatchObject({ stream: 'EVENTS_patterns', duplicate: false });
  await until('both were called', () => notified.length === 2);
  expect(notified.sort()).toEqual(['first hello', 'second hello']);
});

it('tells the state of its connection, and gives access to it', async () => {
  const client = await openClient({ name: 'states', servers: server.url });
  expect(await firstValueFrom(client.status)).toBe('connected');
  expect(client.unwrap<{ getServer(): string }>().getServer()).toContain(new URL(server.url).port);
});

it("calls a service of Nest's own NATS transport", async () => {
  const testing = await Test.createTestingModule({ controllers: [MathController] }).compile();
  const service = testing.createNestMicroservice({
    transport: Transport.NATS,
    options: { servers: [server.url], queue: 'math' },
  });
  service.useLogger(false);
  await service.listen();
  try {
    const client = await openClient({ name: 'caller', servers: server.url });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => lastValueFrom(client.send('math.sum', [1, 2]))),
    );
    expect(new Set(answers)).toEqual(new Set([3]));
    const values = await lastValueFrom(client.send<number>('streaming.all', [1, 2]).pipe(toArray()));
    expect(values).toEqual([1, 2]);
  } finally {
    await service.close();
  }
});
