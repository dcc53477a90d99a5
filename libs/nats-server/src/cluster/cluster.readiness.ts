import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer } from '../server/nats-server.js';
import { getJson } from '../server/server.probe.js';
import { type MetaGroup, parseMetaGroup, unreadyReason } from './meta-group.parser.js';

export type ClusterReadiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'exited'; readonly server: NatsServer }
  | { readonly kind: 'late'; readonly waitingFor: string };

const POLL_MS = 50;

/** Waits until the servers that run now form a healthy JetStream cluster of `size`. */
export async function awaitCluster(
  servers: readonly NatsServer[],
  jetstream: boolean,
  timeoutMs: number,
): Promise<ClusterReadiness> {
  const deadline = Date.now() + timeoutMs;
  const running = servers.filter((server) => server.running);
  for (;;) {
    const waitingFor = await check(servers.length, running, jetstream);
    if (waitingFor === undefined) return { kind: 'ready' };
    const server = running.find((candidate) => !candidate.running);
    if (server) return { kind: 'exited', server };
    if (Date.now() >= deadline) return { kind: 'late', waitingFor };
    await delay(POLL_MS);
  }
}

export async function metaGroupOf(server: NatsServer): Promise<MetaGroup | undefined> {
  const answer = server.running ? await getJson(`${server.monitoringUrl}/jsz`) : undefined;
  return parseMetaGroup(answer?.body);
}

async function check(
  size: number,
  running: readonly NatsServer[],
  jetstream: boolean,
): Promise<string | undefined> {
  if (running.length === 0) return 'a server to run';
  if (jetstream) {
    const views = await Promise.all(
      running.map(async (server): Promise<[string, MetaGroup | undefined]> => [
        server.name,
        await metaGroupOf(server),
      ]),
    );
    const reason = unreadyReason(size, new Map(views));
    if (reason !== undefined) return reason;
  }
  for (const server of running) {
    const health = await getJson(`${server.monitoringUrl}/healthz`);
    if (health?.status !== 200)
      return `${server.name} to be healthy, last answer ${JSON.stringify(health?.body ?? 'none')}`;
  }
  return undefined;
}
