import { once } from 'node:events';
import { connect } from 'node:net';
import { Body, Controller, DynamicModule, Get, Module, Post } from '@nestjs/common';
import { IsString } from 'class-validator';
import { NatsModule } from '@millrace/core';
import { type NatsServer, startNatsServer } from '@millrace/nats-server';
import { type Answer, newApiKey, startApp, type TestApp, testConfig } from '@millrace-apps/shared/testing';
import { AppConfig } from '../config/app.config.js';
import { natsOptions } from '../config/nats.options.js';
import { HealthModule } from '../health/health.module.js';
import { BoundedAdapter } from './bounded.adapter.js';

class EchoConfig extends AppConfig {
  readonly app = 'echo';
}

class Words {
  @IsString() words!: string;
}

@Controller('echo')
class EchoController {
  @Get()
  silence(): object {
    return {};
  }

  @Post()
  echo(@Body() { words }: Words): object {
    return { words };
  }
}

@Module({ imports: [HealthModule], controllers: [EchoController] })
class EchoModule {
  static forRoot(config: EchoConfig): DynamicModule {
    return { module: EchoModule, imports: [NatsModule.forRoot(natsOptions(config))] };
  }
}

const shop = newApiKey('shop', ['service']);
const feed = newApiKey('feed', ['service']);
const API_KEYS = `${shop.entry},${feed.entry}`;

let server: NatsServer;
let app: TestApp;

beforeAll(async () => {
  server = await startNatsServer();
}, 60_000);
afterAll(() => server?.stop());
afterEach(() => app?.stop());

const start = async (overrides: Partial<EchoConfig> = {}): Promise<void> => {
  app = await startApp(EchoModule, testConfig(EchoConfig, server, overrides));
};
const statusOf = ({ status }: Answer): number => status;

describe('security headers', () => {
  beforeEach(() => start());

  it('let a browser load nothing from an answer, and guess nothing', async () => {
    for (const path of ['/echo', '/nowhere', '/health']) {
      const { headers } = await app.request('GET', path);
      expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.has('x-powered-by')).toBe(false);
    }
  });

  it('let the page of the description load all that it needs', async () => {
    const page = await fetch(`${app.url}/docs`);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'");
    const html = await page.text();
    expect(html).not.toMatch(/<script[^>]*>\s*[^<\s]/);
    const scripts = [...html.matchAll(/<script src="([^"]+)"/g)].map(([, path = '']) => path);
    expect(scripts.length).toBeGreaterThan(0);
    for (const path of scripts) expect((await fetch(new URL(path, page.url))).status).toBe(200);
  });
});

describe('API_DOCS=off', () => {
  it('leaves the API undescribed', async () => {
    await start({ API_DOCS: 'off' });
    for (const path of ['/docs', '/docs-json']) {
      expect(await app.request('GET', path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });
});

describe('CORS', () => {
  const preflight = (origin: string): Promise<Response> =>
    fetch(`${app.url}/echo`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });

  it('is off: no page of another origin may read an answer', async () => {
    await start();
    const { headers } = await preflight('https://shop.example.org');
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });

  it('lets in whose origin is listed, and needs no key to say so', async () => {
    await start({ CORS_ORIGINS: 'https://shop.example.org, https://admin.example.org', API_KEYS });
    const allowed = await preflight('https://admin.example.org');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://admin.example.org');
    expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization');
    const { headers } = await preflight('https://evil.example.org');
    expect(headers.has('access-control-allow-origin')).toBe(false);
  });
});

describe('rate limits', () => {
  it('hold for each key by itself, and leave health alone', async () => {
    await start({ API_KEYS, RATE_LIMIT: 3 });
    const ask = (): Promise<Answer> => app.as(shop.key).request('GET', '/echo');
    const answers = [await ask(), await ask(), await ask(), await ask()];
    expect(answers.map(statusOf)).toEqual([200, 200, 200, 429]);
    expect(answers[3]).toMatchObject({ body: { statusCode: 429, code: 'RATE_LIMITED' } });
    const seconds = Number(answers[3]?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(statusOf(await app.as(feed.key).request('GET', '/echo'))).toBe(200);
    for (let asked = 0; asked < 5; asked++) {
      expect(statusOf(await app.request('GET', '/health/live'))).toBe(200);
    }
  });

  it('count by address where there are no keys, and believe no header about it', async () => {
    await start({ RATE_LIMIT: 2 });
    const asFrom = async (address: string): Promise<number> =>
      (await fetch(`${app.url}/echo`, { headers: { 'x-forwarded-for': address } })).status;
    expect([await asFrom('10.0.0.1'), await asFrom('10.0.0.2'), await asFrom('10.0.0.3')]).toEqual([
      200, 200, 429,
    ]);
  });

  it('count by the address that a known number of proxies tells', async () => {
    await start({ RATE_LIMIT: 1, TRUST_PROXIES: 1 });
    const asFrom = async (addresses: string): Promise<number> =>
      (await fetch(`${app.url}/echo`, { headers: { 'x-forwarded-for': addresses } })).status;
    expect([
      await asFrom('10.0.0.1'),
      await asFrom('10.0.0.2'),
      // What stands before the last address is the client's own claim.
      await asFrom('10.0.0.9, 10.0.0.1'),
    ]).toEqual([200, 200, 429]);
  });

  it('stop who tries keys, and not who has one', async () => {
    await start({ API_KEYS, RATE_LIMIT_REFUSED: 3 });
    const tries: number[] = [];
    for (let tried = 0; tried < 5; tried++)
      tries.push(statusOf(await app.as(`wrong${tried}`).request('GET', '/echo')));
    expect(tries).toEqual([401, 401, 401, 429, 429]);
    expect(statusOf(await app.as(shop.key).request('GET', '/echo'))).toBe(200);
    expect(statusOf(await app.request('GET', '/health/ready'))).toBe(200);
  });

  it('are off by default outside of production, and on in it', async () => {
    await start();
    expect((await app.request('GET', '/echo')).headers.has('ratelimit')).toBe(false);
    await app.stop();
    await start({ NODE_ENV: 'production', API_KEYS });
    const { headers } = await app.as(shop.key).request('GET', '/echo');
    expect(headers.get('ratelimit-policy')).toContain('q=6000');
  });
});

describe('bodies', () => {
  it('are read only where somebody with a key sends them', async () => {
    await start({ API_KEYS });
    for (const body of ['{"words":', JSON.stringify({ words: 'x'.repeat(200_000) })]) {
      expect(statusOf(await app.request('POST', '/echo', body))).toBe(401);
    }
    expect(statusOf(await app.as(shop.key).request('POST', '/echo', '{"words":'))).toBe(400);
    expect(await app.as(shop.key).request('POST', '/echo', { words: 'yes' })).toMatchObject({
      status: 201,
      body: { words: 'yes' },
    });
  });
});

describe('a client that is slow', () => {
  it.each([
    ['to send its headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['to send its body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc'],
  ])('%s loses its connection', async (_what, text) => {
    const adapter = new BoundedAdapter({
      headersTimeout: 100,
      requestTimeout: 200,
      connectionsCheckingInterval: 50,
      stopTimeout: 1000,
    });
    adapter.initHttpServer();
    const http = adapter.getHttpServer();
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const address = http.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    adapter.use(() => undefined);
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.write(text);
    await once(socket, 'close');
    expect(answer).toContain('408 Request Timeout');
    await adapter.close();
  });

  it('to read its answer does not keep the app from stopping', async () => {
    const adapter = new BoundedAdapter({
      headersTimeout: 1000,
      requestTimeout: 1000,
      connectionsCheckingInterval: 1000,
      stopTimeout: 100,
    });
    adapter.initHttpServer();
    const http = adapter.getHttpServer();
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const address = http.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const asked = new Promise<void>((resolve) => {
      adapter.use(() => resolve());
    });
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await asked;
    await adapter.close();
    expect(http.listening).toBe(false);
  });
});
