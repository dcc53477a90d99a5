import { RetentionPolicy, StorageType, StreamConfig } from '@nats-io/jetstream';
import { systemClock } from '../clock/clock.js';
import { recordingLog } from '../recording-log.fixture.js';
import { encodeKey } from '../subjects/key-token.js';
import { resources, timed, until } from '../server.fixture.js';
import { rejectionOf } from '../thrown.fixture.js';
import { MillraceConnection } from '../connection/nats.connection.js';
import { eventStreamDeclaration, sourcedEventStream } from './event-stream.js';
import { underProvisionLease } from './provision.lease.js';
import { StreamDeclaration, StreamProvisioner } from './stream.provisioner.js';

const { start, open, release } = resources();
afterEach(release, 60_000);

const LEASES = 'MILLRACE_PROVISIONING';

const setUp = async () => {
  const server = await start();
  const log = recordingLog();
  const connection = await open({ servers: server.url }, log);
  const configOf = async (name: string): Promise<StreamConfig> =>
    (await connection.jsm.streams.info(name)).config;
  const changes = (): string[] => log.lines.filter((line) => / stream /.test(line));
  return { server, connection, streams: connection.streams, configOf, changes };
};

const declare = (required: StreamDeclaration['required'] = {}, more: Partial<StreamDeclaration> = {}) => ({
  name: 'ORDERS',
  initial: { subjects: ['orders.>'], storage: StorageType.File },
  required,
  ...more,
});

const leasesHeld = async ({ jsm }: MillraceConnection): Promise<number> =>
  (await jsm.streams.info(LEASES)).state.messages;

describe('creating', () => {
  it('makes what is missing, and leaves alone what agrees', async () => {
    const { streams, configOf, changes } = await setUp();
    expect(await streams.find('EVENTS_order')).toBeUndefined();
    const declaration = eventStreamDeclaration('order', { maxAge: '1h', duplicateWindow: '5m' });
    for (let round = 0; round < 3; round++) await streams.ensure(declaration, 'create');
    expect(await configOf('EVENTS_order')).toMatchObject({
      subjects: ['events.order.*.*'],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: 1,
      max_age: 3_600_000_000_000,
      duplicate_window: 300_000_000_000,
      allow_msg_ttl: true,
      allow_direct: true,
    });
    expect(changes()).toEqual(['log: Created stream EVENTS_order']);
  }, 60_000);

  it('says what to do where the server cannot: three replicas on a single server', async () => {
    const { streams } = await setUp();
    const impossible = eventStreamDeclaration('order', { replicas: 3 });
    const error = await rejectionOf(streams.ensure(impossible, 'create'));
    expect(error).toMatchObject({
      code: 'PROVISION_FAILED',
      message: expect.stringMatching(/EVENTS_order.*replicas > 1.*replicas are not more than the nodes/s),
    });
    await streams.ensure(eventStreamDeclaration('order'), 'create');
    expect(await rejectionOf(streams.ensure(impossible, 'create'))).toMatchObject({
      code: 'PROVISION_FAILED',
    });
  }, 60_000);

  it('is asked once per declaration, and again after a failure', async () => {
    const { connection, streams, configOf } = await setUp();
    await streams.ensureOnce(declare(), 'create');
    await connection.jsm.streams.delete('ORDERS');
    await streams.ensureOnce(declare(), 'create');
    expect(await streams.find('ORDERS')).toBeUndefined();
    expect(await rejectionOf(streams.ensureOnce(declare({ num_replicas: 3 }), 'create'))).toMatchObject({
      code: 'PROVISION_FAILED',
    });
    await streams.ensureOnce(declare({ max_msgs: 5 }), 'create');
    expect((await configOf('ORDERS')).max_msgs).toBe(5);
    expect(await rejectionOf(streams.ensureOnce(declare({ num_replicas: 3 }), 'create'))).toMatchObject({
      code: 'PROVISION_FAILED',
    });
  }, 60_000);
});

describe('updating', () => {
  it('changes what is declared, and nothing else', async () => {
    const { connection, streams, configOf, changes } = await setUp();
    await connection.jsm.streams.add({
      name: 'ORDERS',
      subjects: ['orders.>', 'legacy.>'],
      description: 'made by hand',
      max_msgs: 1000,
      metadata: { owner: 'operations' },
    });
    await streams.ensure(declare({ max_age: 60_000_000_000, duplicate_window: 30_000_000_000 }), 'create');
    expect(await configOf('ORDERS')).toMatchObject({
      subjects: ['orders.>', 'legacy.>'],
      description: 'made by hand',
      max_msgs: 1000,
      metadata: { owner: 'operations' },
      max_age: 60_000_000_000,
      duplicate_window: 30_000_000_000,
    });
    await streams.ensure(declare({ max_age: 60_000_000_000 }), 'create');
    expect(changes()).toHaveLength(1);
    expect(changes()[0]).toMatch(/Updated stream ORDERS: max_age is 0, declared 60000000000/);
  }, 60_000);

  it('lowers an age below the duplicate window that the server chose', async () => {
    const { streams, configOf } = await setUp();
    await streams.ensure(eventStreamDeclaration('order'), 'create');
    await streams.ensure(eventStreamDeclaration('order', { maxAge: '30s' }), 'create');
    expect(await configOf('EVENTS_order')).toMatchObject({
      max_age: 30_000_000_000,
      duplicate_window: 30_000_000_000,
    });
  }, 60_000);

  it.each([
    ['narrower', ['events.order.paid.*', 'legacy.>'], ['legacy.>', 'events.order.*.*']],
    ['wider', ['events.order.>'], ['events.order.>']],
    ['other', ['legacy.>'], ['legacy.>', 'events.order.*.*']],
  ])(
    'brings its subject into a stream with %s ones',
    async (_name, subjects, expected) => {
      const { connection, streams, configOf } = await setUp();
      await connection.jsm.streams.add({ name: 'EVENTS_order', subjects, allow_msg_ttl: true });
      await streams.ensure(eventStreamDeclaration('order'), 'create');
      expect((await configOf('EVENTS_order')).subjects).toEqual(expected);
      await streams.ensure(eventStreamDeclaration('order'), 'bind');
    },
    60_000,
  );

  it('adds a source to a stream that is there', async () => {
    const { connection, streams, configOf } = await setUp();
    await streams.ensure(eventStreamDeclaration('order'), 'create');
    await connection.jsm.streams.add({ name: 'OUTBOX', subjects: ['outbox.order.*.*'] });
    const source = {
      stream: 'OUTBOX',
      from: 'outbox.order.*.*',
      to: 'events.order.{{wildcard(1)}}.{{wildcard(2)}}',
    };
    for (let round = 0; round < 2; round++)
      await streams.ensure(sourcedEventStream('order', source), 'create');
    expect((await configOf('EVENTS_order')).sources).toMatchObject([{ name: 'OUTBOX' }]);
    await connection.js.publish('outbox.order.paid.k', 'x');
    await until('the event to be sourced', async () => {
      const { state } = await connection.jsm.streams.info('EVENTS_order', {
        subjects_filter: 'events.order.paid.k',
      });
      return state.messages === 1;
    });
  }, 60_000);

  it('remembers message ids also of a stream that is made with a source', async () => {
    const { connection, streams } = await setUp();
    await connection.jsm.streams.add({ name: 'OUTBOX', subjects: ['outbox.order.*.*'] });
    const source = { stream: 'OUTBOX', from: 'outbox.order.*.*', to: 'events.order.{{wildcard(1)}}.k' };
    await streams.ensure(sourcedEventStream('order', source), 'create');
    const publish = () => connection.js.publish('events.order.paid.k', 'x', { msgID: 'once' });
    expect([await publish(), await publish()]).toMatchObject([{ duplicate: false }, { duplicate: true }]);
  }, 60_000);

  it('refuses what cannot change, and says what differs and what to do', async () => {
    const { streams, configOf } = await setUp();
    await streams.ensure(eventStreamDeclaration('order'), 'create');
    const error = await rejectionOf(
      streams.ensure(eventStreamDeclaration('order', { storage: 'memory' }), 'create'),
    );
    expect(error).toMatchObject({
      code: 'PROVISION_CONFLICT',
      message: expect.stringMatching(/storage is "file", declared "memory".*move the data to a new stream/s),
      details: { differences: [{ field: 'storage', declared: 'memory', existing: 'file' }] },
      cause: expect.objectContaining({ name: 'JetStreamApiError' }),
    });
    expect((await configOf('EVENTS_order')).storage).toBe(StorageType.File);
  }, 60_000);

  it('refuses a subject that another stream has', async () => {
    const { connection, streams } = await setUp();
    await connection.jsm.streams.add({ name: 'OTHER', subjects: ['taken.>'] });
    await streams.ensure(declare(), 'create');
    const greedy = declare({}, { merge: ({ subjects }) => ({ subjects: [...subjects, 'taken.x'] }) });
    expect(await rejectionOf(streams.ensure(greedy, 'create'))).toMatchObject({ code: 'PROVISION_CONFLICT' });
  }, 60_000);

  it('gives a typed error where the server is gone', async () => {
    const server = await start();
    const connection = await open({
      servers: server.url,
      connectTimeout: '2s',
      requestTimeout: '300ms',
      publish: { deadline: '300ms' },
    });
    await connection.streams.ensure(declare(), 'create');
    await server.kill();
    expect(await rejectionOf(connection.streams.ensure(declare({ max_msgs: 5 }), 'create'))).toMatchObject({
      code: 'PROVISION_FAILED',
      message: expect.stringMatching(/Stream ORDERS.*within 2000 ms.*majority/s),
      details: { what: 'Stream ORDERS' },
    });
  }, 60_000);
});

describe("'bind'", () => {
  it('accepts what agrees', async () => {
    const { connection, streams, changes } = await setUp();
    await connection.jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_msgs: 5 });
    await streams.ensure(declare({ max_msgs: 5 }), 'bind');
    expect(changes()).toEqual([]);
  }, 60_000);

  it('refuses what is missing, and makes nothing', async () => {
    const { streams } = await setUp();
    expect(await rejectionOf(streams.ensure(declare(), 'bind'))).toMatchObject({
      code: 'PROVISION_MISSING',
      message: expect.stringMatching(/Stream ORDERS does not exist.*provision: 'create'/s),
    });
    expect(await streams.find('ORDERS')).toBeUndefined();
    expect(await streams.find(LEASES)).toBeUndefined();
  }, 60_000);

  it('refuses what differs, and changes nothing', async () => {
    const { connection, streams, configOf } = await setUp();
    await connection.jsm.streams.add({ name: 'ORDERS', subjects: ['orders.>'], max_msgs: 5 });
    expect(await rejectionOf(streams.ensure(declare({ max_msgs: 6 }), 'bind'))).toMatchObject({
      code: 'PROVISION_CONFLICT',
      details: { differences: [{ field: 'max_msgs', declared: 6, existing: 5 }] },
    });
    expect((await configOf('ORDERS')).max_msgs).toBe(5);
    expect(await streams.find(LEASES)).toBeUndefined();
  }, 60_000);
});

describe('ten replicas at once', () => {
  const TEN = Array.from({ length: 10 }, (_, at) => at);

  it('create one stream between them', async () => {
    const { server, configOf } = await setUp();
    const replicas = await Promise.all(TEN.map(() => open({ servers: server.url })));
    const declaration = eventStreamDeclaration('order', { maxAge: '1h' });
    await Promise.all(replicas.map(({ streams }) => streams.ensure(declaration, 'create')));
    expect(await configOf('EVENTS_order')).toMatchObject({
      subjects: ['events.order.*.*'],
      max_age: 3_600_000_000_000,
    });
  }, 60_000);

  it('lose nothing of what each merges into it', async () => {
    const { server, connection, configOf } = await setUp();
    const replicas = await Promise.all(TEN.map(() => open({ servers: server.url })));
    const adding = (subject: string): StreamDeclaration =>
      declare(
        {},
        {
          initial: { subjects: [subject] },
          merge: ({ subjects }) => ({
            subjects: subjects.includes(subject) ? subjects : [...subjects, subject],
          }),
        },
      );
    await Promise.all(replicas.map(({ streams }, at) => streams.ensure(adding(`orders.${at}`), 'create')));
    expect([...(await configOf('ORDERS')).subjects].sort()).toEqual(TEN.map((at) => `orders.${at}`));
    expect(await leasesHeld(connection)).toBe(0);
  }, 60_000);
});

describe('the lease', () => {
  it('is held by one at a time, and given back after a failure', async () => {
    const { connection } = await setUp();
    let inside = 0;
    let most = 0;
    const run = (fail: boolean): Promise<unknown> =>
      underProvisionLease(connection, 'S', async () => {
        most = Math.max(most, ++inside);
        expect(await leasesHeld(connection)).toBe(1);
        inside--;
        if (fail) throw new Error('on purpose');
      });
    const results = await Promise.allSettled([run(true), run(false), run(true), run(false)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect([most, await leasesHeld(connection)]).toEqual([1, 0]);
  }, 60_000);

  it('of one stream does not keep another waiting, whatever their names', async () => {
    const { connection } = await setUp();
    const done = await underProvisionLease(connection, 'a.b', () =>
      underProvisionLease(connection, 'a.*', () => Promise.resolve('both held')),
    );
    expect(done).toBe('both held');
  }, 60_000);

  it('ends by itself where its holder dies, and the next goes on', async () => {
    const { server, connection, streams, configOf } = await setUp();
    await streams.ensure(declare(), 'create');
    const dying = await open({ servers: server.url });
    let isHeld: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    const never = underProvisionLease(dying, 'ORDERS', () => {
      isHeld();
      return new Promise(() => undefined);
    });
    void never;
    await held;
    await dying.nc.close();
    expect(
      (
        await connection.jsm.streams.getMessage(LEASES, {
          last_by_subj: `millrace.provisioning.${encodeKey('ORDERS')}`,
        })
      )?.header.get('Nats-TTL'),
    ).toBe('10s');
    const { ms } = await timed(() => streams.ensure(declare({ max_msgs: 7 }), 'create'));
    expect((await configOf('ORDERS')).max_msgs).toBe(7);
    expect(ms).toBeGreaterThan(5_000);
    expect(ms).toBeLessThan(14_000);
  }, 60_000);

  it('stands in the way of no other provisioner: a stream of leases that an operator made is used as it is', async () => {
    const { connection, streams, configOf } = await setUp();
    await connection.jsm.streams.add({
      name: LEASES,
      subjects: ['millrace.provisioning.*'],
      storage: StorageType.File,
      allow_msg_ttl: true,
      max_msgs_per_subject: 1,
    });
    await streams.ensure(declare(), 'create');
    await streams.ensure(declare({ max_msgs: 5 }), 'create');
    expect((await configOf('ORDERS')).max_msgs).toBe(5);
    expect((await configOf(LEASES)).storage).toBe(StorageType.File);
  }, 60_000);
});

it('gives back the one promise to those who ask at once', () => {
  const never = new Promise<never>(() => undefined);
  const jsm = { streams: { info: () => never } };
  const patience = { timeoutMs: 1000, clock: systemClock, log: recordingLog() };
  const provisioner = new StreamProvisioner(jsm as never, {} as never, patience);
  expect(provisioner.ensureOnce(declare(), 'create')).toBe(provisioner.ensureOnce(declare(), 'create'));
  expect(provisioner.ensureOnce(declare(), 'bind')).not.toBe(provisioner.ensureOnce(declare(), 'create'));
});
