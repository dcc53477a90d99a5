import { setTimeout as delay } from 'node:timers/promises';
import { DiscardPolicy } from '@nats-io/jetstream';
import { NatsServer } from '@millrace/nats-server';
import { Fault } from '../schedule/fault.js';
import { CONSUMED } from '../system.names.js';
import { emptyStore, fillStore } from './store.filler.js';
import { among, System } from './system.js';

/** Of a slow server: it works for a quarter of the time. */
const STILL_MS = 150;
const AT_WORK_MS = 50;
const STEP_DOWN_TIMEOUT_MS = 5000;

/** Lets a fault happen; resolves when it is mended. @throws Error where it could not be done. */
export const inject = async (fault: Fault, system: System): Promise<void> => {
  const { target, forMs, cut = 'sever', shiftMs = 0 } = fault;
  const { keepers, links, topology, client } = system;
  const server = (): NatsServer => among(new Map(topology.servers.map((one) => [one.name, one])), target);
  switch (fault.kind) {
    case 'kill-app':
      return among(keepers, target).kill(forMs);
    case 'pause-app':
      return among(keepers, target).pause(forMs);
    case 'shift-clock':
      among(keepers, target).shiftClock(shiftMs);
      await delay(forMs);
      return among(keepers, target).shiftClock(0);
    case 'cut-client':
      among(links, target).cut(cut);
      await delay(forMs);
      return among(links, target).mend();
    case 'delete-consumer':
      return insistently(() => deleteConsumers(target, system));
    case 'kill-server':
      await server().kill('SIGKILL');
      await delay(forMs);
      return server().restart();
    case 'pause-server':
      await server().pause();
      await delay(forMs);
      return server().resume();
    case 'slow-server':
      return slowDown(server(), forMs);
    case 'fill-store':
      await fillStore(client);
      await delay(forMs);
      return insistently(() => emptyStore(client));
    case 'fill-stream':
      return fillStream(target, forMs, system);
    case 'step-down':
      return insistently(() => stepDown(target, system));
    case 'cut-nodes':
      topology.isolate(target, cut);
      await delay(forMs);
      return topology.rejoin(target);
  }
};

const slowDown = async (server: NatsServer, forMs: number): Promise<void> => {
  for (const end = performance.now() + forMs; performance.now() < end;) {
    await server.pause();
    await delay(STILL_MS);
    await server.resume();
    await delay(AT_WORK_MS);
  }
};

/** Administrators try again while the servers are away. */
const ADMIN_BOUND_MS = 15_000;
const ADMIN_RETRY_MS = 200;

const insistently = async (act: () => Promise<void>): Promise<void> => {
  for (const end = performance.now() + ADMIN_BOUND_MS; ; await delay(ADMIN_RETRY_MS)) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
};

/** The consumers of a group, as somebody could do by hand. */
const deleteConsumers = async (group: string, { client }: System): Promise<void> => {
  for (const { stream, name, group: owner } of await client.consumers(...CONSUMED)) {
    if (owner === group) await client.jsm.consumers.delete(stream, name);
  }
};

/** Lets a stream be as full as it is: every write is refused, nothing is dropped. */
const fillStream = async (name: string, forMs: number, { client }: System): Promise<void> => {
  const { config, state } = await client.jsm.streams.info(name);
  const full = { ...config, max_bytes: Math.max(1, state.bytes), discard: DiscardPolicy.New };
  await client.jsm.streams.update(name, full);
  await delay(forMs);
  await insistently(async () => {
    const { max_bytes, discard } = config;
    await client.jsm.streams.update(name, { max_bytes, discard });
  });
};

/** `target` is a stream, or a consumer as `stream/consumer`. */
const stepDown = async (target: string, { client }: System): Promise<void> => {
  const [stream, consumer] = target.split('/');
  const subject =
    consumer === undefined
      ? `$JS.API.STREAM.LEADER.STEPDOWN.${stream}`
      : `$JS.API.CONSUMER.LEADER.STEPDOWN.${stream}.${consumer}`;
  await client.nc.request(subject, '', { timeout: STEP_DOWN_TIMEOUT_MS });
};
