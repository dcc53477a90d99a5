import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { eventually } from '../eventually.js';
import { freePort } from '../free.port.js';
import { inRepository } from '../workspace.js';

const SIZE = 3;

/** Where this machine has what the nodes of a deployment read and write. */
export interface NodePlaces {
  /** As `npm run secrets` makes it. */
  secrets: string;
  data: string;
}

/** The three nodes of `deploy/nats/nats.conf`, that very file, as processes. @param onLog gets every line they log. */
export const startNodes = async (
  places: NodePlaces,
  onLog: (line: string) => void,
): Promise<NatsServer[]> => {
  const first = await freePort(3 * SIZE);
  const servers = await Promise.all(
    Array.from({ length: SIZE }, (_, index) =>
      startNatsServer({
        name: `nats-${index}`,
        configFile: inRepository('deploy/nats/nats.conf'),
        configEnv: { ...environmentOf(index, first, places), ...hashesOf(index, places) },
        readyTimeoutMs: 60_000,
        onLog,
      }),
    ),
  );
  await Promise.all(servers.map(untilHealthy));
  return servers;
};

/** As a node of the group: it knows the leader and has caught up. */
export const untilHealthy = ({ monitoringUrl }: NatsServer): Promise<void> =>
  eventually(async () => {
    const answer = await fetch(`${monitoringUrl}/healthz`);
    if (!answer.ok) throw new Error(`${monitoringUrl}: ${await answer.text()}`);
  }, 60_000);

const environmentOf = (
  index: number,
  first: number,
  { secrets, data }: NodePlaces,
): Record<string, string> => {
  const at = (row: number, node = index): string => `127.0.0.1:${first + row * SIZE + node}`;
  const routes = Array.from({ length: SIZE }, (_, node) => `nats://${at(2, node)}`);
  return {
    NATS_NAME: `nats-${index}`,
    NATS_LISTEN: at(0),
    NATS_ADVERTISE: `localhost:${first + index}`,
    NATS_MONITOR: at(1),
    NATS_CLUSTER_LISTEN: at(2),
    NATS_CLUSTER_ADVERTISE: at(2),
    NATS_ROUTES: `[${routes.join(', ')}]`,
    NATS_STORE: join(data, `nats-${index}`),
    NATS_MAX_FILE: '4GB',
    NATS_MAX_MEMORY: '128MB',
    NATS_CA: join(secrets, 'ca.pem'),
    NATS_CERT: join(secrets, 'nats.pem'),
    NATS_KEY: join(secrets, 'nats.key'),
  };
};

// Kubernetes hands the quotes of the file on, compose does not: the first node is told as by the one, the rest as by
// the other.
const hashesOf = (index: number, { secrets }: NodePlaces): Record<string, string> => {
  const lines = readFileSync(join(secrets, 'nats.env'), 'utf8').trimEnd().split('\n');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split(/=(.*)/s);
      return [name, index === 0 ? value : value.replaceAll("'", '')];
    }),
  );
};
