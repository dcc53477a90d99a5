import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { withContenders } from '../process/contender.process.js';
import { hasPeers, PEER_PROGRAM, PEERS } from './peers.js';

const COUNT = 2000;

describe('the other packages', () => {
  it('have a program, and take part once npm has installed all they need', async () => {
    expect(existsSync(PEER_PROGRAM)).toBe(true);
    const directory = await mkdtemp(join(tmpdir(), 'millrace-peers-'));
    const folder = pathToFileURL(`${directory}/`);
    try {
      expect(hasPeers(folder)).toBe(false);
      await mkdir(join(directory, 'node_modules'));
      expect(hasPeers(folder)).toBe(false);
      await writeFile(join(directory, 'node_modules/.package-lock.json'), '{}');
      expect(hasPeers(folder)).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  // Where they are not installed there is nothing to test: the tests need nobody's packages.
  for (const pipe of hasPeers() ? PEERS : []) {
    it(`${pipe} stores every event, and handles each once`, async () => {
      const server = await startNatsServer();
      try {
        const args = [JSON.stringify({ kind: 'publish and handle', pipe, workload: 'large' })];
        await withContenders([{ program: PEER_PROGRAM, url: server.url, args }], async ([contender]) => {
          await contender?.run(COUNT);
          expect(await untilSettled(server)).toEqual({ stored: COUNT, deliveries: COUNT });
        });
      } finally {
        await server.stop();
      }
    });
  }
});

/** What the server counts once nothing is pending or unacknowledged any more, in all streams together. */
const untilSettled = async ({ url }: NatsServer): Promise<{ stored: number; deliveries: number }> => {
  const nc = await connect({ servers: url });
  try {
    const jsm = await jetstreamManager(nc);
    for (;;) {
      const counts = { stored: 0, deliveries: 0 };
      let open = 0;
      for await (const { config, state } of jsm.streams.list()) {
        counts.stored += state.last_seq;
        for await (const consumer of jsm.consumers.list(config.name)) {
          counts.deliveries += consumer.delivered.consumer_seq;
          open += consumer.num_pending + consumer.num_ack_pending;
        }
      }
      if (open === 0) return counts;
    }
  } finally {
    await nc.close();
  }
};
