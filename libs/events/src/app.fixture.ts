import { DynamicModule, INestApplication, Module, Provider, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getConnectionToken, MillraceConnection, NatsModule, NatsModuleOptions } from '@millrace/core';
import { DeadLetter, DeadLetters, EventBus, EventsModule, EventsModuleOptions } from './index.js';

export interface AppSetup {
  url: string;
  name?: string;
  providers?: Provider[];
  imports?: (Type | DynamicModule)[];
  events?: EventsModuleOptions;
  nats?: Partial<NatsModuleOptions>;
}

export interface TestApp {
  app: INestApplication;
  bus: EventBus;
  deadLetters: DeadLetters;
  connection: MillraceConnection;
  close(): Promise<void>;
}

const open = new Set<TestApp>();

/** A real Nest application on a real server. Closed by {@link closeApps}, if not before. */
export const startApp = async (setup: AppSetup): Promise<TestApp> => {
  @Module({
    imports: [
      NatsModule.forRoot({ name: setup.name ?? 'shop', servers: setup.url, ...setup.nats }),
      EventsModule.forRoot({ shutdownTimeout: '2s', ...setup.events }),
      ...(setup.imports ?? []),
    ],
    providers: setup.providers ?? [],
  })
  class App {}
  const testing = await Test.createTestingModule({ imports: [App] }).compile();
  const app = testing.createNestApplication();
  app.useLogger(false);
  try {
    await app.init();
  } catch (error) {
    await app.close();
    throw error;
  }
  const started: TestApp = {
    app,
    bus: app.get(EventBus),
    deadLetters: app.get(DeadLetters),
    connection: app.get<MillraceConnection>(getConnectionToken()),
    close: async () => {
      open.delete(started);
      await app.close();
    },
  };
  open.add(started);
  return started;
};

export const closeApps = async (): Promise<void> => {
  await Promise.all([...open].map((app) => app.close()));
};

/** Waits until `condition` holds. @throws after `timeoutMs`, saying what was awaited. */
export const until = async (
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const allDeadLetters = async (letters: DeadLetters): Promise<DeadLetter[]> => {
  const found: DeadLetter[] = [];
  for await (const letter of letters.list()) found.push(letter);
  return found;
};

/** A context of its own for each test, so that tests share a server and nothing else. */
let contexts = 0;
export const freshContext = (): string => `t${++contexts}`;
