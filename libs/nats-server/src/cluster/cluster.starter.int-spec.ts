import { isProcessAlive } from '../binary/process.probe.js';
import { until } from '../child.fixture.js';
import { request } from '../raw-client.fixture.js';
import { startNatsCluster } from './cluster.starter.js';
import type { NatsCluster } from './nats-cluster.js';

describe('startNatsCluster', () => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNatsCluster({ name: 'trio' });
  }, 60_000);
  afterAll(() => cluster.stop());

  const others = (name: string) => cluster.servers.filter((server) => server.name !== name);

  it('gives three servers that form one JetStream cluster', async () => {
    expect(cluster.servers.map(({ name }) => name)).toEqual(['trio-1', 'trio-2', 'trio-3']);
    expect(new Set(cluster.urls).size).toBe(3);
    expect(cluster.url).toBe(cluster.urls.join(','));
    const created = await request(cluster.urls[0]!, '$JS.API.STREAM.CREATE.R', {
      name: 'R',
      subjects: ['r'],
      num_replicas: 3,
    });
    expect(created).toMatchObject({ config: { num_replicas: 3 }, cluster: { name: 'trio' } });
    expect(await request(cluster.urls[1]!, 'r', 'kept')).toMatchObject({ seq: 1 });
  });

  it('goes on without its leader, which comes back on its ports with its data', async () => {
    const leader = (await cluster.leader())!;
    const { url } = leader;
    await leader.kill('SIGKILL');
    await cluster.ready();
    expect((await cluster.leader())?.name).not.toBe(leader.name);
    expect(await request(others(leader.name)[0]!.url, 'r', 'meanwhile')).toMatchObject({
      stream: 'R',
      seq: 2,
    });
    await leader.restart();
    await cluster.ready();
    expect(leader.url).toBe(url);
    expect(await request(url, '$JS.API.STREAM.INFO.R')).toMatchObject({ state: { messages: 2 } });
  }, 60_000);

  it('is not ready without a majority', async () => {
    const [first, second] = cluster.servers;
    await Promise.all([first!.kill(), second!.kill()]);
    await expect(cluster.ready({ timeoutMs: 500 })).rejects.toMatchObject({
      code: 'NATS_SERVER_NOT_READY',
      message: expect.stringMatching(/'trio' was not ready within 500 ms, waiting for a majority of 3/),
    });
    await Promise.all([first!.restart(), second!.restart()]);
    await cluster.ready();
  }, 60_000);

  it('outlives a pause of one server', async () => {
    const leader = (await cluster.leader())!;
    const streamLeader = await leaderOfStream(leader.url);
    const paused = others(leader.name).find(({ name }) => name !== streamLeader)!;
    await paused.pause();
    expect(await request(leader.url, 'r', 'while paused')).toMatchObject({ stream: 'R' });
    await paused.resume();
    await cluster.ready();
  }, 60_000);

  it('stops them all', async () => {
    await cluster.stop();
    expect(cluster.servers.map(({ pid }) => isProcessAlive(pid))).toEqual([false, false, false]);
  });

  it('refuses an impossible size and ports beyond the last', async () => {
    await expect(startNatsCluster({ size: 0 })).rejects.toMatchObject({ code: 'NATS_SERVER_OPTION_INVALID' });
    await expect(startNatsCluster({ port: 65_534 })).rejects.toMatchObject({
      code: 'NATS_SERVER_OPTION_INVALID',
    });
  });
});

async function leaderOfStream(url: string): Promise<string> {
  let leader = '';
  await until('a leader of the stream', async () => {
    // Without a leader nobody answers.
    const info = JSON.stringify(await request(url, '$JS.API.STREAM.INFO.R').catch(() => ({})));
    leader = /"leader":"([^"]+)"/.exec(info)?.[1] ?? '';
    return leader !== '';
  });
  return leader;
}
