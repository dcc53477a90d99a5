import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { startNatsCluster } from '@millrace/nats-server';
import { ServerLinks } from '../network/server.links.js';
import { STORE_BYTES, Topology } from './topology.js';

export const threeServers = async (folder: string): Promise<Topology> => {
  const links = new ServerLinks();
  const log = createWriteStream(join(folder, 'servers.log'));
  const close = async (): Promise<void> => {
    log.end();
    await links.close();
  };
  try {
    const cluster = await startNatsCluster({
      size: 3,
      name: 'chaos',
      storeDir: join(folder, 'store'),
      onLog: (line) => log.write(`${line}\n`),
      config: { jetstream: { max_file_store: STORE_BYTES } },
      routeVia: (route) => links.lay(route),
    });
    return {
      servers: cluster.servers,
      isolate: (name, how) => links.isolate(name, how),
      rejoin: (name) => links.rejoin(name),
      stop: async () => {
        await cluster.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};
