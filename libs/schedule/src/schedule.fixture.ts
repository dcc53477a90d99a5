import 'reflect-metadata';
import { INestApplicationContext, Module, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsBoolean, IsInt, IsISO8601, IsOptional, IsString } from 'class-validator';
import { getConnectionToken, MillraceConnection, NatsModule, NatsModuleOptions } from '@millrace/core';
import { Event, EventsModule } from '@millrace/events';
import { LocksModule } from '@millrace/locks';
import { ScheduleModule } from './schedule.module.js';
import { ScheduleModuleOptions } from './schedule.options.js';
import { Schedules } from './schedules.js';

@Event('report.due', { key: 'report' })
export class ReportDue {
  @IsString() report!: string;
  @IsOptional() @IsISO8601() scheduledFor?: string;
  @IsOptional() @IsInt() run?: number;
  @IsOptional() @IsBoolean() missed?: boolean;

  constructor(fields: ReportDue) {
    Object.assign(this, fields);
  }
}

export interface ScheduleApp {
  readonly context: INestApplicationContext;
  readonly connection: MillraceConnection;
  readonly schedules: Schedules;
  close(): Promise<void>;
}

interface AppOptions {
  url: string;
  providers?: Type<unknown>[];
  options?: ScheduleModuleOptions;
  nats?: Partial<NatsModuleOptions>;
}

const open = new Set<ScheduleApp>();

/** An application with schedules, as a replica would be. */
export const startApp = async ({
  url,
  providers = [],
  options = {},
  nats,
}: AppOptions): Promise<ScheduleApp> => {
  @Module({
    imports: [
      NatsModule.forRoot({ name: 'test', servers: url, ...nats }),
      EventsModule.forRoot(),
      LocksModule.forRoot({ events: false }),
      ScheduleModule.forRoot({ leaderTtl: '1s', ...options }),
    ],
    providers,
  })
  class App {}
  const context = await Test.createTestingModule({ imports: [App] }).compile();
  context.useLogger(false);
  try {
    await context.init();
  } catch (error) {
    await context.close();
    throw error;
  }
  const app: ScheduleApp = {
    context,
    connection: context.get<MillraceConnection>(getConnectionToken()),
    schedules: context.get(Schedules),
    close: async () => {
      open.delete(app);
      await context.close();
    },
  };
  open.add(app);
  return app;
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
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export interface Stored {
  subject: string;
  id: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What a stream holds of a subject, in order. */
export const storedIn = async (
  { jsm }: MillraceConnection,
  stream: string,
  subject: string,
): Promise<Stored[]> => {
  const found: Stored[] = [];
  const { messages } = await jsm.streams.info(stream).then(({ state }) => state);
  if (messages === 0) return found;
  try {
    for await (const message of await jsm.direct.getBatch(stream, {
      seq: 1,
      next_by_subj: subject,
      batch: 10_000,
    })) {
      found.push({
        subject: message.subject,
        id: message.header.get('ce-id'),
        headers: Object.fromEntries([...message.header].map(([name, values]) => [name, values.join()])),
        body: message.json<Record<string, unknown>>(),
      });
    }
  } catch (error) {
    // The server says "no messages" where there are none of the subject.
    if (found.length > 0 || !(error instanceof Error)) throw error;
  }
  return found;
};
