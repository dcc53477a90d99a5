import { MillraceConnection } from '@millrace/core';
import { JetStreamBucket } from './bucket/jetstream.bucket.js';
import { counted, Counter, counter, eventsOf, noted, Profile, profile, until } from './storage.fixture.js';

/** What the work is done on. */
export interface Books {
  counters: JetStreamBucket<Counter>;
  profiles: JetStreamBucket<Profile>;
}

const COUNTERS = 5;
const PROFILES = 3;
const PURSES = 4;

/**
 * What the handling of the `n`th message does: commits to several keys, of two buckets, one of them twice, with
 * and without events. `fixtures/committer.mjs` does the same in a process of its own.
 */
export const work = async ({ counters, profiles }: Books, n: number): Promise<void> => {
  const key = `c${n % COUNTERS}`;
  const count = (current: { value: Counter } | undefined) => {
    const total = (current?.value.total ?? 0) + 1;
    return { state: counter(total), events: [counted(key, total)] };
  };
  await counters.commit(key, count);
  await profiles.commit(`p${n % PROFILES}`, (current) => ({
    state: profile('Ann', (current?.value.age ?? 0) + 1),
  }));
  const [from, to] = [`t${n % PURSES}`, `t${(n + 1) % PURSES}`];
  await counters.commitAll([from, to], (current) => ({
    states: [
      [from, counter((current.get(from)?.value.total ?? 0) - 1)],
      [to, counter((current.get(to)?.value.total ?? 0) + 1)],
    ],
    events: [noted(`moved ${n}`)],
  }));
  await counters.commit(key, count);
};

/** What there is after messages, each handled once. */
export interface Outcome {
  states: Record<string, number>;
  /** Of each counter, its totals in the order in which they were announced. */
  counted: Record<string, number[]>;
  /** Sorted. */
  noted: string[];
}

/** The outcome of messages 0 to `messages - 1`, handled one after the other. */
export const sequentialOutcome = (messages: number): Outcome => {
  const outcome: Outcome = { states: {}, counted: {}, noted: [] };
  const add = (key: string, by: number): number => (outcome.states[key] = (outcome.states[key] ?? 0) + by);
  for (let n = 0; n < messages; n++) {
    const key = `c${n % COUNTERS}`;
    const totals = (outcome.counted[key] ??= []);
    totals.push(add(key, 1), add(key, 1));
    add(`p${n % PROFILES}`, 1);
    add(`t${n % PURSES}`, -1);
    add(`t${(n + 1) % PURSES}`, 1);
    outcome.noted.push(`moved ${n}`);
  }
  outcome.noted.sort();
  return outcome;
};

/** What there is, once the server has relayed every event. */
export const outcomeOf = async (
  connection: MillraceConnection,
  { counters, profiles }: Books,
): Promise<Outcome> => {
  await until('every event is relayed', () => isRelayed(connection), 30_000);
  const outcome: Outcome = { states: {}, counted: {}, noted: [] };
  for await (const { key, value } of counters.entries()) outcome.states[key] = value.total;
  for await (const { key, value } of profiles.entries()) outcome.states[key] = value.age;
  for (const { body } of await eventsOf(connection, 'counter')) {
    const { counter: key, total } = body as { counter: string; total: number };
    (outcome.counted[key] ??= []).push(total);
  }
  outcome.noted = (await eventsOf(connection, 'audit'))
    .map(({ body }) => (body as { text: string }).text)
    .sort();
  return outcome;
};

const isRelayed = async ({ jsm }: MillraceConnection): Promise<true | undefined> => {
  const { state } = await jsm.streams.info('KV_counters', { subjects_filter: 'outbox.counters.>' });
  const outbox = Object.keys(state.subjects ?? {});
  const stored = await Promise.all(
    (['counter', 'audit'] as const).map(async (context) => {
      const { state: events } = await jsm.streams.info(`EVENTS_${context}`);
      return [outbox.filter((subject) => subject.split('.')[2] === context).length, events.messages] as const;
    }),
  );
  // No look removes entries from the outbox here: each stands for one event.
  return stored.every(([waiting, arrived]) => waiting <= arrived) ? true : undefined;
};
