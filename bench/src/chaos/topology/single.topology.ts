import { join } from 'node:path';
import { startNatsServer } from '@millrace/nats-server';
import { STORE_BYTES, Topology } from './topology.js';

export const singleServer = async (folder: string): Promise<Topology> => {
  const server = await startNatsServer({
    name: 'chaos-1',
    storeDir: join(folder, 'store'),
    logFile: join(folder, 'chaos-1.log'),
    config: { jetstream: { max_file_store: STORE_BYTES } },
  });
  const alone = (): never => {
    throw new Error('A single server has nobody to be cut off from');
  };
  return { servers: [server], isolate: alone, rejoin: alone, stop: () => server.stop() };
};
