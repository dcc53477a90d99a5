import { type ClassConstructor } from 'class-transformer';
import { getConnectionToken, type MillraceConnection } from '@millrace/core';
import { type NatsServer } from '@millrace/nats-server';
import { type AppConfig, createApp, type RootModule } from '@millrace-apps/shared';

export { newApiKey } from './api-key.js';

export { type Outside, startOutside } from './outside.js';

/** An answer, read. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; `undefined` for an empty body. */
  body: unknown;
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** An app in the test's own process, on a free port. */
export interface TestApp {
  readonly url: string;
  readonly connection: MillraceConnection;
  get<T extends object>(provider: ClassConstructor<T>): T;
  request: Ask;
  /** Asks with an API key. */
  as(key: string): { request: Ask };
  stop(): Promise<void>;
}

/** A configuration for tests: quiet, on a free port, and quick to give up. */
export const testConfig = <C extends AppConfig>(
  target: ClassConstructor<C>,
  server: NatsServer,
  overrides: Partial<C> = {},
): C =>
  Object.assign(new target(), {
    NATS_URL: server.url,
    PORT: 0,
    LOG_LEVEL: 'error' as const,
    PUBLISH_DEADLINE: '1s' as const,
    ...overrides,
  });

export const startApp = async <C extends AppConfig>(root: RootModule<C>, config: C): Promise<TestApp> => {
  const app = await createApp(root, config);
  // Tests provoke errors; a log full of them hides the one that matters.
  app.useLogger(false);
  await app.listen(config.PORT, config.HOST);
  const url = await app.getUrl();
  return {
    url,
    connection: app.get<MillraceConnection>(getConnectionToken()),
    get: (provider) => app.get(provider),
    request: asking(url, {}),
    as: (key) => ({ request: asking(url, { authorization: `Bearer ${key}` }) }),
    stop: () => app.close(),
  };
};

const asking =
  (url: string, headers: Record<string, string>): Ask =>
  async (method, path, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === '' ? undefined : (JSON.parse(answer) as unknown),
    };
  };

const POLL_MS = 10;
/** What is waited for gets at least as much of the machine as the looking does. */
const pauseAfter = (probedMs: number): number => Math.max(POLL_MS, probedMs);

/** The first answer of `probe` that is neither `undefined` nor `false`. */
export const until = async <A>(
  what: string,
  probe: () => Promise<A | undefined | false> | A | undefined | false,
  timeoutMs = 15_000,
): Promise<A> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const startedAt = Date.now();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseAfter(Date.now() - startedAt)));
  }
};

export interface StoredEvent {
  subject: string;
  id: string;
  body: Record<string, unknown>;
}

/** All events of a context that are stored, in order. */
export const storedEvents = async ({ jsm }: MillraceConnection, context: string): Promise<StoredEvent[]> => {
  const stream = `EVENTS_${context}`;
  const { state } = await jsm.streams.info(stream);
  const events: StoredEvent[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (!message) continue;
    events.push({
      subject: message.subject,
      id: message.header.get('ce-id'),
      body: message.json<Record<string, unknown>>(),
    });
  }
  return events;
};

/** All that any stream of the server holds, as a raw client reads it: subjects, headers and data. */
export const everythingStored = async ({ jsm }: MillraceConnection): Promise<string> => {
  const texts: string[] = [];
  for await (const { config, state } of jsm.streams.list()) {
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const message = await jsm.streams.getMessage(config.name, { seq });
      if (!message) continue;
      const headers = [...message.header].map(([name, values]) => `${name}: ${values.join()}`);
      texts.push([message.subject, ...headers, message.string()].join('\n'));
    }
  }
  return texts.join('\n\n');
};
