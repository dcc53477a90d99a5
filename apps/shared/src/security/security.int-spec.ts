import { Controller, DynamicModule, Get, Injectable, Module, Post } from '@nestjs/common';
import { IsString } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { Event, EventBus, EventsModule, Subscribe } from '@millrace/events';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { newApiKey, startApp, type TestApp, testConfig, until } from '@millrace-apps/shared/testing';
import { AppConfig } from '../config/app.config.js';
import { natsOptions } from '../config/nats.options.js';
import { HealthModule } from '../health/health.module.js';
import { Actor, Public, RequireScope } from './scope.decorators.js';

class DoorConfig extends AppConfig {
  readonly app = 'door';
}

@Event('door.opened', { key: 'by' })
class DoorOpened {
  @IsString() by!: string;
}

@Injectable()
class Porter {
  readonly seen: string[] = [];

  @Subscribe(DoorOpened, { group: 'porter' })
  see({ by }: DoorOpened): void {
    this.seen.push(by);
  }
}

@Controller('doors')
class DoorController {
  @Get()
  any(@Actor() by: string): { by: string } {
    return { by };
  }

  @Post('vault')
  @RequireScope('admin')
  vault(@Actor() by: string): { by: string } {
    return { by };
  }

  @Get('street')
  @Public()
  street(@Actor() by: string): { by: string } {
    return { by };
  }
}

@Module({ imports: [HealthModule], controllers: [DoorController], providers: [Porter] })
class DoorModule {
  static forRoot(config: DoorConfig): DynamicModule {
    return { module: DoorModule, imports: [NatsModule.forRoot(natsOptions(config)), EventsModule.forRoot()] };
  }
}

const shop = newApiKey('shop', ['service']);
const boss = newApiKey('boss', ['admin']);
const ROUTES = [
  ['GET', '/doors'],
  ['POST', '/doors/vault'],
] as const;

let server: NatsServer;
let app: TestApp;

beforeAll(async () => {
  server = await startNatsServer();
}, 60_000);
afterAll(() => server?.stop());
afterEach(() => app?.stop());

const start = async (overrides: Partial<DoorConfig>): Promise<void> => {
  app = await startApp(DoorModule, testConfig(DoorConfig, server, overrides));
};

describe('an app with API keys', () => {
  beforeEach(() => start({ API_KEYS: `${shop.entry},${boss.entry}` }));

  it.each(ROUTES)('takes no request without a key: %s %s', async (method, path) => {
    const answer = await app.request(method, path);
    expect(answer).toMatchObject({ status: 401, body: { statusCode: 401, code: 'API_KEY_MISSING' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="millrace"');
  });

  it.each(ROUTES)('takes no request with a key that it does not know: %s %s', async (method, path) => {
    for (const key of [`${shop.key}x`, shop.entry, 'x', 'x y']) {
      const answer = await app.as(key).request(method, path);
      expect(answer).toMatchObject({ status: 401, body: { code: 'API_KEY_UNKNOWN' } });
      expect(JSON.stringify(answer.body)).not.toContain(key);
    }
  });

  it('tells its routes whose key it is', async () => {
    expect(await app.as(shop.key).request('GET', '/doors')).toMatchObject({ body: { by: 'shop' } });
    expect(await app.as(boss.key).request('POST', '/doors/vault')).toMatchObject({ body: { by: 'boss' } });
  });

  it('refuses a key that lacks the scope', async () => {
    expect(await app.as(shop.key).request('POST', '/doors/vault')).toMatchObject({
      status: 403,
      body: { statusCode: 403, code: 'SCOPE_MISSING', required: ['admin'] },
    });
  });

  it('leaves open what is public, health and its description', async () => {
    expect(await app.request('GET', '/doors/street')).toMatchObject({ body: { by: 'anonymous' } });
    expect(await app.as(boss.key).request('GET', '/doors/street')).toMatchObject({ body: { by: 'boss' } });
    for (const path of ['/health', '/health/live', '/health/ready', '/docs-json']) {
      expect(await app.request('GET', path)).toMatchObject({ status: 200 });
    }
  });

  it('handles events, which have no key', async () => {
    await app.get(EventBus).publish(Object.assign(new DoorOpened(), { by: 'the wind' }));
    await until('it is handled', () => app.get(Porter).seen.includes('the wind'));
  });

  it('describes which routes need one', async () => {
    const { body } = await app.request('GET', '/docs-json');
    const description = body as {
      paths: Record<string, Record<string, { security?: object[]; responses: Record<string, object> }>>;
      security: object[];
      components: { securitySchemes: object };
    };
    expect(description).toMatchObject({
      security: [{ apiKey: [] }],
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    });
    const { paths } = description;
    expect(paths['/doors/vault']?.['post']?.responses).toMatchObject({
      401: expect.anything(),
      403: { description: 'The API key needs the scope admin.' },
    });
    expect(paths['/doors/street']?.['get']).toMatchObject({ security: [{}] });
    expect(paths['/doors/street']?.['get']?.responses).not.toHaveProperty('401');
  });
});

describe('an app without API keys', () => {
  beforeEach(() => start({}));

  it('takes requests from anybody', async () => {
    expect(await app.request('POST', '/doors/vault')).toMatchObject({ body: { by: 'anonymous' } });
    expect(await app.as('some key').request('GET', '/doors')).toMatchObject({ body: { by: 'anonymous' } });
  });
});
