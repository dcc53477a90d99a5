import 'reflect-metadata';
import {
  CanActivate,
  Catch,
  ExceptionFilter,
  INestApplication,
  Injectable,
  NestInterceptor,
  PipeTransform,
  Provider,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  ExternalContextCreator,
  ModuleRef,
} from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';
import { thrownBy } from '../thrown.fixture.js';
import { handlerParams } from './handler-params.js';
import { nestHandler } from './nest.handler.js';

const params = handlerParams('test:params');
const Handles: MethodDecorator = (prototype, property) =>
  params.ensurePayload(prototype.constructor, property);
const Context = params.context();

const seen: string[] = [];

@Injectable()
class Guard implements CanActivate {
  canActivate = (): boolean => seen.push('guard') > 0;
}
class Interceptor implements NestInterceptor {
  intercept: NestInterceptor['intercept'] = (_, next) => {
    seen.push('interceptor');
    return next.handle();
  };
}
class Pipe implements PipeTransform {
  transform = (value: unknown): unknown => {
    seen.push('pipe');
    return value;
  };
}
@Catch()
class Filter implements ExceptionFilter {
  catch = (): string => {
    seen.push('filter');
    return 'forgiven';
  };
}

class Plain {
  readonly mine = 'mine';
  @Handles
  payload(...given: unknown[]): unknown {
    return [this.mine, ...given];
  }
  @Handles
  both(payload: unknown, @Context context: unknown, ...more: unknown[]): unknown {
    return [this.mine, payload, context, ...more];
  }
  @Handles
  onlyContext(@Context context: unknown, ...more: unknown[]): unknown {
    return [context, ...more];
  }
  @Handles
  second(_: unknown, __: unknown, @Context context: unknown): unknown {
    return [_, __, context];
  }
  observable(): unknown {
    return of(1, 2, 3);
  }
  @Handles
  later(): unknown {
    return Promise.resolve(of('late'));
  }
  @Handles
  fails(): unknown {
    throw new RangeError('no');
  }
}

const PIECES = [
  ['guard', APP_GUARD, Guard],
  ['pipe', APP_PIPE, Pipe],
  ['interceptor', APP_INTERCEPTOR, Interceptor],
  ['filter', APP_FILTER, Filter],
] as const;

describe('a handler', () => {
  let app: INestApplication | undefined;
  beforeEach(() => seen.splice(0));
  afterEach(() => app?.close());

  const start = async (
    setUp: (app: INestApplication) => void = () => undefined,
    providers: Provider[] = [],
  ): Promise<(instance: object, name: string, withParams?: boolean) => (...args: unknown[]) => unknown> => {
    const module = await Test.createTestingModule({ providers }).compile();
    const started = (app = module.createNestApplication({ logger: false }));
    setUp(started);
    await started.init();
    const host = { contexts: started.get(ExternalContextCreator), moduleRef: started.get(ModuleRef) };
    return (instance, name, withParams = true) =>
      nestHandler(host, { instance, name, type: 'test', ...(withParams ? { params } : {}) });
  };

  it('is called at once where nothing applies to it', async () => {
    const handler = (await start())(new Plain(), 'payload');
    expect(handler('event', 'message')).toEqual(['mine', 'event']);
  });

  it.each([
    ['payload', ['mine', 'event']],
    ['both', ['mine', 'event', 'message']],
    ['onlyContext', ['message']],
    ['second', ['event', undefined, 'message']],
    ['later', 'late'],
  ])('gets and gives in %s what it does through Nest', async (name, expected) => {
    const direct = (await start())(new Plain(), name);
    const directResult: unknown = await direct('event', 'message');
    await app?.close();
    const through = (await start((nest) => void nest.useGlobalGuards(new Guard())))(new Plain(), name);
    expect(await through('event', 'message')).toEqual(directResult);
    expect(directResult).toEqual(expected);
    expect(seen).toEqual(['guard']);
  });

  it('gets the arguments as they are without parameters of its own, and gives the last of an observable', async () => {
    const create = await start();
    expect(create(new Plain(), 'both', false)(1, 2, 3)).toEqual(['mine', 1, 2, 3]);
    await expect(create(new Plain(), 'observable', false)()).resolves.toBe(3);
  });

  it('throws what it throws at once', async () => {
    const handler = (await start())(new Plain(), 'fails');
    expect(thrownBy(() => handler({}, {}))).toBeInstanceOf(RangeError);
  });

  it.each(PIECES)('has a global %s applied to it', async (what, token, piece) => {
    const use = (nest: INestApplication): void => {
      const made = new piece();
      if (made instanceof Guard) nest.useGlobalGuards(made);
      else if (made instanceof Pipe) nest.useGlobalPipes(made);
      else if (made instanceof Interceptor) nest.useGlobalInterceptors(made);
      else nest.useGlobalFilters(made);
    };
    const name = what === 'filter' ? 'fails' : 'payload';
    await Promise.resolve((await start(use))(new Plain(), name)('event', 'message'));
    expect(seen).toEqual([what]);
    await app?.close();
    const provider = { provide: token, useClass: piece };
    await Promise.resolve((await start(undefined, [provider]))(new Plain(), name)('event', 'message'));
    expect(seen).toEqual([what, what]);
  });

  it.each([
    ['guard', UseGuards(Guard)],
    ['pipe', UsePipes(Pipe)],
    ['interceptor', UseInterceptors(Interceptor)],
    ['filter', UseFilters(Filter)],
  ])('has a %s of its class or method applied to it', async (what, decorate) => {
    class OfMethod extends Plain {
      @decorate
      @Handles
      own(): unknown {
        throw new Error('for the filter');
      }
    }
    @decorate
    class OfClass extends Plain {
      @Handles
      own(): unknown {
        throw new Error('for the filter');
      }
    }
    class Inheriting extends OfClass {}
    for (const target of [OfMethod, OfClass, Inheriting]) {
      seen.splice(0);
      const create = await start(undefined, [target]);
      const handler = create(app?.get<object>(target) ?? {}, 'own');
      await Promise.resolve(handler('event', 'message')).catch(() => undefined);
      expect(seen).toEqual([what]);
      await app?.close();
    }
  });

  it('goes through Nest where a global enhancer is request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends Guard {}
    const create = await start(undefined, [{ provide: APP_GUARD, useClass: PerRequest }]);
    expect(create(new Plain(), 'payload')('event', 'message')).toBeInstanceOf(Promise);
  });
});
