import { join } from 'node:path';
import { resolveNatsServer } from '../binary/binary.resolver.js';
import { NatsServerError, NatsServerErrorCode, invalidOption } from '../nats-server.error.js';
import { startManaged } from '../server/managed.server.js';
import type { NatsServer } from '../server/nats-server.js';
import { portTaken, startFailed } from '../server/server.failures.js';
import { portInUse } from '../server/server.log.js';
import { type ServerSettings, checkedPort, serverSettings } from '../server/server.options.js';
import { placeServer } from '../server/server.placement.js';
import { pickPorts } from '../server/server.ports.js';
import { retryPicked } from '../server/server.starter.js';
import { urlOf } from '../server/server.probe.js';
import { awaitCluster, metaGroupOf } from './cluster.readiness.js';
import type { NatsCluster, NatsClusterOptions, ReadyOptions } from './nats-cluster.js';

const DEFAULT_SIZE = 3;
const DEFAULT_READY_TIMEOUT_MS = 30_000;

interface MemberPorts {
  readonly client: number;
  readonly monitoring: number;
  readonly route: number;
}

interface ClusterPlan {
  readonly name: string;
  readonly settings: ServerSettings;
  readonly options: NatsClusterOptions;
  readonly members: readonly MemberPorts[];
}

/**
 * Starts servers that form a JetStream cluster; resolves when a meta leader is elected and all are current.
 *
 * @throws NatsServerError as `startNatsServer` does
 */
export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const size = options.size ?? DEFAULT_SIZE;
  if (!Number.isInteger(size) || size < 1)
    throw invalidOption(`size must be a whole number of at least 1, not ${size}`);
  const client = consecutive(checkedPort('port', options.port), size);
  const monitoring = consecutive(checkedPort('monitoringPort', options.monitoringPort), size);
  const binary = await resolveNatsServer(options);
  const readyTimeoutMs = options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS;
  const settings = serverSettings({ ...options, readyTimeoutMs, monitoring: true }, binary);
  const fixed = [...client, ...monitoring];
  return retryPicked(fixed, async () => {
    const picks = pickPorts(size * 3, fixed);
    const members = Array.from({ length: size }, (_, index) => ({
      client: client[index] ?? picks[index] ?? 0,
      monitoring: monitoring[index] ?? picks[size + index] ?? 0,
      route: picks[2 * size + index] ?? 0,
    }));
    return startAll({ name: options.name ?? 'millrace', settings, options, members });
  });
}

async function startAll(plan: ClusterPlan): Promise<NatsCluster> {
  const { settings, name } = plan;
  const started = await Promise.allSettled(plan.members.map((_, index) => startMember(plan, index)));
  const servers = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const cluster = new RunningCluster(name, servers, settings);
  try {
    for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
    await cluster.ready();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function startMember(plan: ClusterPlan, index: number): Promise<NatsServer> {
  const { name, settings, options, members } = plan;
  const own = members[index];
  if (!own) throw new RangeError(`no member ${index}`);
  const { onLog } = settings;
  const member = memberName(name, index);
  const placement = await placeServer({
    name: member,
    port: own.client,
    monitoringPort: own.monitoring,
    jetstream: settings.jetstream,
    storeDir: options.storeDir === undefined ? undefined : join(options.storeDir, member),
    logFile: undefined,
    logsToListener: onLog !== undefined,
    cluster: {
      name,
      port: own.route,
      routes: await routesOf(member, plan),
      hidden: options.routeVia !== undefined,
    },
  });
  return startManaged({ ...settings, onLog: onLog && ((line) => onLog(`${member} ${line}`)) }, placement);
}

/** Where a member finds the others; among them itself, which the server knows to pass over. */
function routesOf(member: string, { name, settings, options, members }: ClusterPlan): Promise<string[]> {
  const { routeVia } = options;
  return Promise.all(
    members.map(async ({ route }, index) => {
      const to = memberName(name, index);
      const url = urlOf('nats', settings.host, route);
      return routeVia === undefined || to === member ? url : routeVia({ from: member, to, url });
    }),
  );
}

function memberName(cluster: string, index: number): string {
  return `${cluster}-${index + 1}`;
}

class RunningCluster implements NatsCluster {
  constructor(
    readonly name: string,
    readonly servers: readonly NatsServer[],
    private readonly settings: ServerSettings,
  ) {}

  get urls(): readonly string[] {
    return this.servers.map((server) => server.url);
  }

  get url(): string {
    return this.urls.join(',');
  }

  async ready({ timeoutMs = this.settings.readyTimeoutMs }: ReadyOptions = {}): Promise<void> {
    const readiness = await awaitCluster(this.servers, this.settings.jetstream, timeoutMs);
    if (readiness.kind === 'exited') throw await memberFailed(readiness.server);
    if (readiness.kind === 'late') {
      throw new NatsServerError({
        code: NatsServerErrorCode.NotReady,
        problem: `The cluster '${this.name}' was not ready within ${timeoutMs} ms, waiting for ${readiness.waitingFor}`,
        logTail: (await this.servers[0]?.logTail()) ?? [],
        remedy: 'A majority of the servers must run; on a slow machine raise `readyTimeoutMs`.',
      });
    }
  }

  async leader(): Promise<NatsServer | undefined> {
    for (const server of this.servers) {
      const group = await metaGroupOf(server);
      if (group) return this.servers.find(({ name }) => name === group.leader);
    }
    return undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

// A route's port is bound after the server calls itself ready, so a taken one shows only here.
async function memberFailed(server: NatsServer): Promise<NatsServerError> {
  const exit = await server.exited;
  const logTail = await server.logTail();
  const taken = portInUse(logTail);
  return taken === undefined ? startFailed(exit, logTail) : portTaken(taken, logTail);
}

function consecutive(first: number, size: number): number[] {
  if (first === 0) return [];
  if (first + size - 1 > 65_535) throw invalidOption(`${size} ports from ${first} on go beyond 65535`);
  return Array.from({ length: size }, (_, index) => first + index);
}
