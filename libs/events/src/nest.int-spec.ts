import {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  Catch,
  ExceptionFilter,
  ExecutionContext,
  Inject,
  Injectable,
  NestInterceptor,
  PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { Observable, tap } from 'rxjs';
import { IsString } from 'class-validator';
import { getConnectionToken, InjectConnection, MillraceConnection } from '@millrace/core';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { allDeadLetters, closeApps, freshContext, startApp, until } from './app.fixture.js';
import { Context, Event, EventMessage, EventsModule, EventsPlugin, Subscribe } from './index.js';

@Event('nest.created', { key: 'id' })
class Created {
  @IsString() id!: string;
}
@Event('nest.deleted', { key: 'id' })
class Deleted {
  @IsString() id!: string;
}

const log: string[] = [];
const once = { attempts: 1 };

@Injectable()
class OnlyOdd implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const [event, message] = context.getArgs<[Created, EventMessage]>();
    log.push(`guard ${context.getType()} ${message.key}`);
    return event.id !== 'even';
  }
}

@Injectable()
class Timing implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    log.push('before');
    return next.handle().pipe(tap(() => log.push('after')));
  }
}

class Shout implements PipeTransform {
  transform(value: unknown): unknown {
    return value instanceof Created ? Object.assign(new Created(), { id: value.id.toUpperCase() }) : value;
  }
}

class Forgivable extends Error {}

@Catch(Forgivable)
class Forgive implements ExceptionFilter {
  catch(error: Forgivable, host: ArgumentsHost): boolean {
    log.push(`forgiven ${error.message} ${host.getType()}`);
    return true;
  }
}

@Injectable()
class Handlers {
  constructor(@InjectConnection() private readonly connection: MillraceConnection) {}

  @Subscribe(Created, { group: 'enhanced', retry: once })
  @UseGuards(OnlyOdd)
  @UseInterceptors(Timing)
  @UsePipes(Shout)
  created(event: Created, @Context() message: EventMessage<Created>): void {
    log.push(`handled ${event.id} ${message.event?.id} by ${this.connection.name}`);
  }

  @Subscribe(Deleted, { group: 'filtered', retry: once })
  @UseFilters(Forgive)
  deleted(@Context() message: EventMessage): void {
    throw new Forgivable(message.key);
  }

  @Subscribe(Created)
  byDefault(event: Created): void {
    log.push(`default ${event.id}`);
  }
}

describe('subscribers in Nest', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(() => log.splice(0));
  afterEach(closeApps);
  afterAll(() => server.stop());

  it('run inside guards, interceptors and pipes, with a group named after app, class and method', async () => {
    const { bus, deadLetters, connection } = await startApp({ url: server.url, providers: [Handlers] });
    await bus.publish(Created, { id: 'odd' });
    await until('the handler', () => log.includes('after'));
    expect(log.filter((line) => !line.startsWith('default'))).toEqual([
      'guard event odd',
      'before',
      'handled ODD odd by shop',
      'after',
    ]);
    await bus.publish(Created, { id: 'even' });
    await until('the refusal', async () => (await allDeadLetters(deadLetters)).length === 1);
    expect((await allDeadLetters(deadLetters))[0]!.cause.name).toBe('ForbiddenException');
    expect(log.filter((line) => line.startsWith('handled'))).toHaveLength(1);
    const consumer = await connection.jsm.consumers.info('EVENTS_nest', 'shop-Handlers-byDefault');
    expect(consumer.config.metadata).toMatchObject({
      'millrace.app': 'shop',
      'millrace.group': 'shop-Handlers-byDefault',
    });
  });

  it('acknowledge what an exception filter takes care of', async () => {
    const { bus, deadLetters, connection } = await startApp({ url: server.url, providers: [Handlers] });
    const known = (await allDeadLetters(deadLetters)).length;
    const { sequence } = await bus.publish(Deleted, { id: 'd' });
    await until('the filter', () => log.includes('forgiven d event'));
    const consumer = () => connection.jsm.consumers.info('EVENTS_nest', 'filtered');
    await until('the acknowledgement', async () => (await consumer()).ack_floor.stream_seq === sequence);
    expect(await allDeadLetters(deadLetters)).toHaveLength(known);
  });

  it('are refused at start-up when request-scoped, by themselves or through what they inject', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Subscribe(Created)
      on(): void {}
    }
    @Injectable({ scope: Scope.REQUEST })
    class RequestState {}
    @Injectable()
    class Indirect {
      @Inject(RequestState) readonly state!: RequestState;
      @Subscribe(Created)
      on(): void {}
    }
    const refusal = { code: 'SUBSCRIBER_REQUEST_SCOPED' };
    await expect(startApp({ url: server.url, providers: [PerRequest] })).rejects.toMatchObject(refusal);
    await expect(startApp({ url: server.url, providers: [RequestState, Indirect] })).rejects.toMatchObject(
      refusal,
    );
  });

  it('are refused when two of them share a group in one context', async () => {
    @Injectable()
    class Clash {
      @Subscribe(Created, { group: 'same' })
      one(): void {}
      @Subscribe(Deleted, { group: 'same' })
      two(): void {}
    }
    await expect(startApp({ url: server.url, providers: [Clash] })).rejects.toMatchObject({
      code: 'SUBSCRIPTION_CONFLICT',
      details: { group: 'same', subscribers: ['Clash.two', 'Clash.one'] },
    });
  });

  it('may be found on one method several times, a group each', async () => {
    @Injectable()
    class Twice {
      @Subscribe(Created, { group: 'twice-created' })
      @Subscribe(Deleted, { group: 'twice-deleted' })
      on(event: Created | Deleted): void {
        log.push(`${event.constructor.name} ${event.id}`);
      }
    }
    const { bus } = await startApp({ url: server.url, providers: [Twice] });
    await bus.publish(Created, { id: 'x' });
    await bus.publish(Deleted, { id: 'y' });
    await until('both', () => log.includes('Created x') && log.includes('Deleted y'));
  });
});

describe('plugins', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  beforeEach(() => log.splice(0));
  afterEach(closeApps);
  afterAll(() => server.stop());

  const naming = (name: string): EventsPlugin => ({
    middleware: [
      (next) => async (message) => {
        log.push(`${name} in`);
        const outcome = await next(message);
        log.push(`${name} out ${outcome.kind}`);
        return outcome;
      },
    ],
    publishMiddleware: [
      (next) => async (publication) => {
        log.push(`${name} publishing ${publication.contract.type}`);
        const result = await next(publication);
        log.push(`${name} published ${result.sequence > 0}`);
        return result;
      },
    ],
  });

  it('wrap every handler and every publish, in the order they are given', async () => {
    const feature = EventsModule.forFeatureAsync({
      inject: [getConnectionToken()],
      useFactory: ({ name }: MillraceConnection) => naming(`inner of ${name}`),
    });
    const { bus } = await startApp({ url: server.url, imports: [feature], events: naming('outer') });
    await bus.subscribe(Created, () => void log.push('handler'), { group: 'wrapped' });
    await bus.publish(Created, { id: 'a' });
    await until('the handler', () => log.includes('outer out ack'));
    expect(log.filter((line) => line.includes('publish'))).toEqual([
      'outer publishing nest.created',
      'inner of shop publishing nest.created',
      'inner of shop published true',
      'outer published true',
    ]);
    expect(log.filter((line) => !line.includes('publish'))).toEqual([
      'outer in',
      'inner of shop in',
      'handler',
      'inner of shop out ack',
      'outer out ack',
    ]);
  });

  it('see how a failure ends, and a plugin that throws is a failed attempt', async () => {
    const broken: EventsPlugin = {
      middleware: [
        (next) => async (message) => {
          const outcome = await next(message);
          if (message.attempt === 1) throw new Error('the plugin is broken');
          return outcome;
        },
      ],
    };
    const { bus, connection } = await startApp({
      url: server.url,
      events: { middleware: [...naming('seen').middleware!, ...broken.middleware!] },
    });
    const context = freshContext();
    @Event(`${context}.made`)
    class Made {
      @IsString() id!: string;
    }
    await bus.subscribe(Made, () => void log.push('handler'), {
      group: 'broken',
      retry: { backoff: () => 10 },
    });
    await bus.publish(Made, { id: 'a' });
    const consumer = () => connection.jsm.consumers.info(`EVENTS_${context}`, 'broken');
    await until('the acknowledgement', async () => (await consumer()).ack_floor.stream_seq === 1);
    expect(log.filter((line) => line === 'handler')).toHaveLength(2);
    expect(log.filter((line) => line.startsWith('seen out'))).toEqual(['seen out ack']);
  });
});
