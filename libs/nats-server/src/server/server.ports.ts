import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../nats-server.error.js';

/**
 * Ports are picked below the range the system hands out by itself (32768 and up, mostly). A port from that
 * range could, while its server is down, become the local end of somebody's connection, even of a client
 * reconnecting to the server, and restart on the same port would fail. Whether a picked port is free is
 * decided by the server's own bind: a refused one is picked anew, so there is no gap between test and use.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;

/** As many different ports as asked for, none of `avoid`. */
export function pickPorts(
  count: number,
  avoid: readonly number[] = [],
  random: () => number = Math.random,
): number[] {
  const picked: number[] = [];
  while (picked.length < count) {
    const port = FIRST_PORT + Math.floor(random() * (LAST_PORT - FIRST_PORT + 1));
    if (!picked.includes(port) && !avoid.includes(port)) picked.push(port);
  }
  return picked;
}

/** What the server with this pid reported to be listening on; its presence shows that the ports are its own. */
export interface ReportedPorts {
  readonly port: number;
  readonly monitoringPort: number | undefined;
}

/** Reads the ports file of `pid`; undefined while it is not, or only partly, written. */
export async function readPortsFile(directory: string, pid: number): Promise<ReportedPorts | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, `nats-server_${pid}.ports`), 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  return parsePortsFile(text);
}

/** Parses `{"nats":["nats://127.0.0.1:4222"],"monitoring":["http://127.0.0.1:8222"]}`. */
export function parsePortsFile(text: string): ReportedPorts | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const port = 'nats' in parsed ? firstPort(parsed.nats) : undefined;
  const monitoringPort = 'monitoring' in parsed ? firstPort(parsed.monitoring) : undefined;
  return port === undefined ? undefined : { port, monitoringPort };
}

function firstPort(urls: unknown): number | undefined {
  const first: unknown = Array.isArray(urls) ? urls[0] : undefined;
  const match = typeof first === 'string' ? /:(\d+)$/.exec(first) : null;
  return match ? Number(match[1]) : undefined;
}
