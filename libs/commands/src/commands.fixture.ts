import { INestApplication, Module, Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsInt, IsString, MinLength } from 'class-validator';
import { getConnectionToken, MillraceConnection, NatsModule, NatsModuleOptions } from '@millrace/core';
import { Command, CommandBus, CommandsModule, CommandsModuleOptions, Replying } from './index.js';

export interface AppSetup {
  url: string;
  name?: string;
  providers?: Provider[];
  commands?: CommandsModuleOptions;
  nats?: Partial<NatsModuleOptions>;
}

export interface TestApp {
  app: INestApplication;
  bus: CommandBus;
  connection: MillraceConnection;
  close(): Promise<void>;
}

const open = new Set<TestApp>();

/** A real Nest application on a real server. Closed by {@link closeApps}, if not before. */
export const startApp = async (setup: AppSetup): Promise<TestApp> => {
  @Module({
    imports: [
      NatsModule.forRoot({ name: setup.name ?? 'shop', servers: setup.url, ...setup.nats }),
      CommandsModule.forRoot({ shutdownTimeout: '2s', ...setup.commands }),
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
    bus: app.get(CommandBus),
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

/** What a promise was rejected with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was not rejected');
};

export class Registered {
  @IsString() userId!: string;
  @IsInt() number!: number;
}

export abstract class RegisterUser extends Replying<Registered> {
  abstract name: string;
}

/** A command class of a context of its own, so that tests share a server and nothing else. */
export const registerCommand = (context: string): new (name: string) => RegisterUser => {
  @Command(`${context}.register`, { reply: Registered, timeout: '4s' })
  class Register extends Replying<Registered> {
    @IsString() @MinLength(2) name: string;
    constructor(name: string) {
      super();
      this.name = name;
    }
  }
  return Register;
};

let contexts = 0;
export const freshContext = (): string => `c${++contexts}`;
