import { NatsCluster, startNatsCluster } from '@millrace/nats-server';
import { recordingLog } from '../recording-log.fixture.js';
import { resources, until } from '../server.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { eventStreamDeclaration } from './event-stream.js';

const { open, onRelease, release } = resources();
afterEach(release, 60_000);

const declaration = eventStreamDeclaration('order', { replicas: 3 });

const startCluster = async (): Promise<NatsCluster> => {
  const cluster = await startNatsCluster();
  onRelease(() => cluster.stop());
  return cluster;
};

/** A cluster of which one node is left: it answers, and nothing has a leader. */
const withoutMajority = async () => {
  const { servers, url } = await startCluster();
  const { streams, jsm } = await open({ servers: url });
  await streams.ensure(declaration, 'create');
  const { cluster } = await jsm.streams.info('EVENTS_order');
  // A leader that is left alone answers until it finds that it is none, which takes it some ten seconds.
  const left = servers.find(({ name }) => name !== cluster?.leader);
  if (!left) throw new Error('a cluster without servers');
  const others = servers.filter((server) => server !== left);
  const log = recordingLog();
  const connect = (connectTimeout: '5s' | '60s') =>
    open({ servers: left.url, connectTimeout, requestTimeout: '500ms' }, log);
  const [patient, hasty] = await Promise.all([connect('60s'), connect('5s')]);
  for (const other of others) await other.kill();
  return { others, log, patient, hasty };
};

it('waits for a stream that has no leader, and says at last what is missing', async () => {
  const { others, log, patient, hasty } = await withoutMajority();
  const ensuring = patient.streams.ensure(declaration, 'bind');
  await until('it to be tried again', () => log.lines.some((line) => line.includes('trying again')));
  expect(await rejectionOf(hasty.streams.ensure(declaration, 'bind'))).toMatchObject({
    code: 'PROVISION_FAILED',
    message: expect.stringMatching(/Stream EVENTS_order.*within 5000 ms.*majority of the nodes/s),
  });
  await Promise.all(others.map((server) => server.restart()));
  await ensuring;
}, 120_000);
