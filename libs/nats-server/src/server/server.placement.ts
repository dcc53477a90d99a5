import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ClusterConfig } from './server-config.renderer.js';

/** Where one server lives: its name, ports and directories, all the same across restarts. */
export interface ServerPlacement {
  readonly name: string;
  readonly port: number;
  readonly monitoringPort: number | undefined;
  /** Undefined when JetStream is off. */
  readonly storeDir: string | undefined;
  /** Temporary directory of this server alone: its configuration, ports file and, by default, log and store. */
  readonly runDir: string;
  /** Undefined when the log goes to a listener. */
  readonly logFile: string | undefined;
  readonly cluster: ClusterConfig | undefined;
}

export interface PlacementRequest {
  readonly name: string;
  readonly port: number;
  readonly monitoringPort: number | undefined;
  readonly jetstream: boolean;
  readonly storeDir: string | undefined;
  readonly logFile: string | undefined;
  readonly logsToListener: boolean;
  readonly cluster?: ClusterConfig;
}

export async function placeServer(request: PlacementRequest): Promise<ServerPlacement> {
  const { name, port, monitoringPort, jetstream, storeDir, logFile, logsToListener, cluster } = request;
  const runDir = await mkdtemp(join(tmpdir(), 'millrace-nats-'));
  return {
    name,
    port,
    monitoringPort,
    runDir,
    storeDir: jetstream ? resolve(storeDir ?? join(runDir, 'store')) : undefined,
    logFile: fileToLogTo(runDir, logFile, logsToListener),
    cluster,
  };
}

export async function removePlacement({ runDir }: ServerPlacement): Promise<void> {
  await rm(runDir, { recursive: true, force: true, maxRetries: 5 });
}

// A server that logs to a file rather than through this process is neither slowed by a busy parent nor cut
// off in its clean shutdown by the pipe of a dead one.
function fileToLogTo(
  runDir: string,
  logFile: string | undefined,
  logsToListener: boolean,
): string | undefined {
  if (logsToListener) return undefined;
  return resolve(logFile ?? join(runDir, 'nats-server.log'));
}
