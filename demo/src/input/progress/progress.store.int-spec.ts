import { NatsServer, startNatsServer } from '@millrace/nats-server';
import { connect, NatsConnection } from '@nats-io/transport-node';
import { NO_PROGRESS, openProgressStore } from './progress.store.js';

describe('the progress of a file', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
  });
  afterAll(async () => {
    await nc.close();
    await server.stop();
  });

  it('is kept by the file, and there for whoever opens it again', async () => {
    const store = await openProgressStore(nc, 'a');
    expect(await store.load()).toEqual(NO_PROGRESS);
    const progress = { ...NO_PROGRESS, row: 7, unmatched: { 'no-order': 1 } };
    await store.save({ ...progress, row: 3 });
    await store.save(progress);
    expect(await (await openProgressStore(nc, 'a')).load()).toEqual(progress);
    expect(await (await openProgressStore(nc, 'b')).load()).toEqual(NO_PROGRESS);
  });

  it('has what was decided about cancellations, for every file', async () => {
    const { decisions } = await openProgressStore(nc, 'a');
    expect(await decisions.get('536379')).toBeUndefined();
    await decisions.set('536379', { orderId: null, why: 'no-order' });
    expect(await (await openProgressStore(nc, 'b')).decisions.get('536379')).toEqual({
      orderId: null,
      why: 'no-order',
    });
  });
});
