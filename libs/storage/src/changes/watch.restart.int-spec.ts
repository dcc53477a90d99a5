import { startNatsServer, type NatsServer } from '@millrace/nats-server';
import { MillraceConnection } from '@millrace/core';
import { LossyProxy } from '../lossy-proxy.fixture.js';
import { connectTo, openBucket, Profile, profile, until } from '../storage.fixture.js';

let server: NatsServer;
let connection: MillraceConnection;

beforeAll(async () => {
  server = await startNatsServer();
  connection = await connectTo(server.url);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

describe('a watch', () => {
  it('misses no change through kills and restarts of the server, and keeps their order', async () => {
    const own = await connectTo(server.url);
    const watched = await openBucket(own, Profile);
    const profiles = await openBucket(connection, Profile);
    const watch = watched.watch();
    await watch.ready;
    const seen: { key: string; revision: number }[] = [];
    const watching = (async () => {
      for await (const { key, revision } of watch) {
        seen.push({ key, revision });
        if (key === 'last') return;
      }
    })();
    const written = new Map<string, number>();
    const enough = new AbortController();
    const writer = (async () => {
      for (let at = 0; !enough.signal.aborted; at++)
        written.set(`key-${at}`, await profiles.put(`key-${at}`, profile('Ann', at)));
    })();
    for (let kill = 1; kill <= 3; kill++) {
      const before = seen.length;
      await until('changes flow', () => (seen.length > before + 50 ? true : undefined));
      await server.restart({ signal: 'SIGKILL' });
    }
    const before = seen.length;
    await until('changes flow again', () => (seen.length > before + 50 ? true : undefined));
    enough.abort();
    await writer;
    written.set('last', await profiles.put('last', profile('Last')));
    await watching;
    expect(seen).toEqual([...written].map(([key, revision]) => ({ key, revision })));
    await own.close();
  }, 60_000);

  it('misses no change that was lost on its way', async () => {
    const proxy = await LossyProxy.before(server.url);
    const own = await connectTo(proxy.url);
    const watch = (await openBucket(own, Profile)).watch();
    await watch.ready;
    const profiles = await openBucket(connection, Profile);
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { key } of watch) {
        seen.push(key);
        if (key === 'lost-19') return;
      }
    })();
    await profiles.put('first', profile('Ann'));
    await until('the first arrived', () => (seen.length === 1 ? true : undefined));
    proxy.loseAnswers();
    const lost = Array.from({ length: 20 }, (_, at) => `lost-${at}`);
    for (const key of lost) await profiles.put(key, profile('Ann'));
    await until('some were lost', () => (proxy.hasLost ? true : undefined));
    // Nothing comes after that could show a gap.
    proxy.mend();
    await watching;
    expect(seen).toEqual(['first', ...lost]);
    await own.close();
    await proxy.stop();
  });
});
