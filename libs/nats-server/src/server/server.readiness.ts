import { setTimeout as delay } from 'node:timers/promises';
import type { SupervisedProcess } from '../process/supervised.process.js';
import { type ReportedPorts, readPortsFile } from './server.ports.js';
import { acceptsConnections, getJson, reachableHost, urlOf } from './server.probe.js';

export type Readiness =
  | { readonly kind: 'ready'; readonly ports: ReportedPorts }
  | { readonly kind: 'exited' }
  | { readonly kind: 'late'; readonly waitingFor: string };

export interface ReadinessRequest {
  readonly process: SupervisedProcess;
  readonly portsFileDir: string;
  readonly host: string;
  readonly jetstream: boolean;
  readonly timeoutMs: number;
}

const POLL_MS = 10;

/**
 * Waits until the process itself reports its ports (so that no other server on the same port is mistaken for
 * it), is healthy, JetStream included, and accepts connections.
 */
export async function awaitReady(request: ReadinessRequest): Promise<Readiness> {
  const deadline = Date.now() + request.timeoutMs;
  for (;;) {
    const state = await check(request);
    if (typeof state !== 'string') return { kind: 'ready', ports: state };
    if (!request.process.isRunning()) return { kind: 'exited' };
    if (Date.now() >= deadline) return { kind: 'late', waitingFor: state };
    await delay(POLL_MS);
  }
}

/** The ports of a ready server, or what it is not ready for. */
async function check(request: ReadinessRequest): Promise<ReportedPorts | string> {
  const { process, portsFileDir, host, jetstream } = request;
  const ports = await readPortsFile(portsFileDir, process.pid);
  if (!ports) return 'the server to report its ports';
  if (ports.monitoringPort !== undefined) {
    const query = jetstream ? '?js-enabled-only=true' : '';
    const health = await getJson(`${urlOf('http', host, ports.monitoringPort)}/healthz${query}`);
    if (health?.status !== 200) return `health, last answer ${JSON.stringify(health?.body ?? 'none')}`;
  }
  if (!(await acceptsConnections(reachableHost(host), ports.port)))
    return `port ${ports.port} to accept connections`;
  return ports;
}
