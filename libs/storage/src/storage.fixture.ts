import { JetStreamApiError } from '@nats-io/jetstream';
import { TimeoutError } from '@nats-io/transport-node';
import { IsInt, IsString, Min, MinLength } from 'class-validator';
import {
  ClassOf,
  delay,
  Event,
  MillraceConnection,
  MillraceError,
  NatsModuleOptions,
  openConnection,
  ProvisionMode,
  silentLog,
} from '@millrace/core';
import { createBucket } from './bucket/bucket.factory.js';
import { BucketDefinition } from './bucket/bucket.definition.js';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { Bucket, bucketDefinitionOf } from './decorators/bucket.decorator.js';
import { provisionBucket } from './provisioning/bucket.provisioner.js';

@Bucket('profiles')
export class Profile {
  @IsString()
  @MinLength(1)
  name!: string;

  @IsInt()
  @Min(0)
  age!: number;
}

export const profile = (name: string, age = 1): Profile => Object.assign(new Profile(), { name, age });

@Event('counter.counted', { key: 'counter' })
export class Counted {
  @IsString()
  counter!: string;

  @IsInt()
  total!: number;
}

@Event('audit.noted')
export class Noted {
  @IsString()
  text!: string;
}

@Bucket('counters', { events: [Counted, Noted] })
export class Counter {
  @IsInt()
  total!: number;
}

export const counter = (total: number): Counter => Object.assign(new Counter(), { total });
export const counted = (name: string, total: number): Counted =>
  Object.assign(new Counted(), { counter: name, total });
export const noted = (text: string): Noted => Object.assign(new Noted(), { text });

export const connectTo = (
  servers: string,
  options: Partial<NatsModuleOptions> = {},
): Promise<MillraceConnection> =>
  openConnection({ name: 'storage-test', servers, requestTimeout: '5s', ...options }, silentLog);

export interface OpenOptions {
  mode?: ProvisionMode;
  /** Default: an hour, so that no look happens on its own. */
  purgeEveryMs?: number;
}

const isStoreInTheWay = (error: unknown): boolean =>
  error instanceof MillraceError &&
  error.cause instanceof JetStreamApiError &&
  error.cause.message === 'error creating store for stream';

// The server removes the files of a deleted stream when it has time: on a busy machine in our way, for a while.
const provisioned = async <T extends object>(
  connection: MillraceConnection,
  definition: BucketDefinition<T>,
  mode: ProvisionMode,
): ReturnType<typeof provisionBucket> => {
  for (let left = 50; ; left--) {
    try {
      return await provisionBucket(connection, definition, { mode, contexts: {} });
    } catch (error) {
      if (left === 0 || !isStoreInTheWay(error)) throw error;
      await delay(50);
    }
  }
};

export const openBucket = async <T extends object>(
  connection: MillraceConnection,
  target: ClassOf<T>,
  { mode = 'create', purgeEveryMs = 3_600_000 }: OpenOptions = {},
): Promise<JetStreamBucket<T>> => {
  const definition = bucketDefinitionOf(target);
  const { readFrom, history } = await provisioned(connection, definition, mode);
  return createBucket(connection, definition, { readFrom, history, purgeEveryMs });
};

/** Deletes every stream, so that tests of one server do not see each other's. */
export const deleteStreams = async (connection: MillraceConnection): Promise<void> => {
  try {
    const { jsm } = connection;
    for await (const name of jsm.streams.names()) await jsm.streams.delete(name);
  } catch (error) {
    // A disk that is busy with others' files can take the server longer than the client waits.
    if (!(error instanceof TimeoutError)) throw error;
    await deleteStreams(connection);
  }
};

/** What `task` throws. */
export const thrownBy = (task: () => unknown): unknown => {
  try {
    task();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
};

const POLL_MS = 10;

/** The first answer of `probe` that is not `undefined`. */
export const until = async <A>(
  what: string,
  probe: () => Promise<A | undefined> | A | undefined,
  timeoutMs = 10_000,
): Promise<A> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

export interface StoredEvent {
  subject: string;
  headers: Record<string, string>;
  body: unknown;
}

/** All events of a context's stream, in order. */
export const eventsOf = async ({ jsm }: MillraceConnection, context: string): Promise<StoredEvent[]> => {
  const stream = `EVENTS_${context}`;
  const { state } = await jsm.streams.info(stream);
  const events: StoredEvent[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (!message) continue;
    const headers: Record<string, string> = {};
    for (const [name, values] of message.header) headers[name] = values[0] ?? '';
    events.push({ subject: message.subject, headers, body: message.json() });
  }
  return events;
};

/** The events of a context, once there are `count` of them. */
export const awaitEvents = (
  connection: MillraceConnection,
  context: string,
  count: number,
  timeoutMs?: number,
): Promise<StoredEvent[]> =>
  until(
    `${count} events of '${context}' are there`,
    async () => {
      try {
        const { state } = await connection.jsm.streams.info(`EVENTS_${context}`);
        return state.messages >= count ? await eventsOf(connection, context) : undefined;
      } catch {
        // A stream whose leader was lost does not answer for a while.
        return undefined;
      }
    },
    timeoutMs,
  );
