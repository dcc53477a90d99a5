import { NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { jetstream, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { Clock, settlesWithin, systemClock } from '../clock/clock.js';
import { Codec } from '../codec/codec.js';
import { jsonCodec } from '../codec/json.codec.js';
import { toMillis } from '../duration/duration.js';
import { Log } from '../logging/log.js';
import { StreamProvisioner } from '../provisioning/stream.provisioner.js';
import { JetStreamPublisher } from '../publishing/jetstream.publisher.js';
import { HealthMonitor } from './connection.health.js';
import { ApiOptions, connectWithin, managerOf } from './connection.opener.js';
import { NATS_DEFAULTS, NatsModuleOptions } from './nats-options.js';
import { assertServerVersion } from './server-version.js';

/**
 * One connection to NATS and what is shared over it. Inject it with `@InjectConnection()`. A class only so
 * that a decorated constructor can name it as a type.
 */
export abstract class MillraceConnection {
  /** The application's name. */
  abstract readonly name: string;
  abstract readonly nc: NatsConnection;
  abstract readonly js: JetStreamClient;
  abstract readonly jsm: JetStreamManager;
  abstract readonly publisher: JetStreamPublisher;
  abstract readonly streams: StreamProvisioner;
  abstract readonly health: HealthMonitor;
  abstract readonly codec: Codec;
  abstract readonly clock: Clock;
  abstract readonly log: Log;
  /** The prefix of reply subjects; `undefined` for the client's own. */
  abstract readonly inboxPrefix: string | undefined;
  /** Confirms what is under way, then drains and closes. Idempotent. */
  abstract close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 5000;

/**
 * Connects, and waits for the server to come up, `connectTimeout` at most.
 * @throws MillraceError `CONNECTION_FAILED`, `CONNECTION_REFUSED`, `SERVER_TOO_OLD` or `CONFIG_INVALID`.
 */
export const openConnection = async (options: NatsModuleOptions, log: Log): Promise<MillraceConnection> => {
  const clock = options.clock ?? systemClock;
  const timeoutMs = startTimeoutOf(options);
  const patience = { timeoutMs, deadline: clock.monotonic() + timeoutMs, clock };
  const nc = await connectWithin(options, patience);
  try {
    assertServerVersion(nc.info?.version ?? '');
    const jsm = await managerOf(nc, apiOptionsOf(options), patience);
    return assemble({ nc, jsm }, options, log);
  } catch (error) {
    await nc.close();
    throw error;
  }
};

const startTimeoutOf = ({ connectTimeout }: NatsModuleOptions): number =>
  toMillis(connectTimeout ?? NATS_DEFAULTS.connectTimeout, 'connectTimeout');

const apiOptionsOf = ({ requestTimeout, checkApi }: NatsModuleOptions): ApiOptions => ({
  timeout: toMillis(requestTimeout ?? NATS_DEFAULTS.requestTimeout, 'requestTimeout'),
  checkAPI: checkApi ?? true,
});

const assemble = (
  { nc, jsm }: { nc: NatsConnection; jsm: JetStreamManager },
  options: NatsModuleOptions,
  log: Log,
): MillraceConnection => {
  const clock = options.clock ?? systemClock;
  const publisher = new JetStreamPublisher(
    nc,
    {
      maxInFlight: options.publish?.maxInFlight ?? NATS_DEFAULTS.maxInFlight,
      deadlineMs: toMillis(options.publish?.deadline ?? NATS_DEFAULTS.deadline, 'publish.deadline'),
      ackTimeoutMs: toMillis(options.publish?.ackTimeout ?? NATS_DEFAULTS.ackTimeout, 'publish.ackTimeout'),
      clock,
    },
    options.inboxPrefix,
  );
  const health = new HealthMonitor(nc.getServer(), log, () => clock.now());
  void follow(nc, health, publisher);
  log.log(`NATS: connected to ${nc.getServer()} (${nc.info?.version ?? '?'}) as ${options.name}`);
  let closing: Promise<void> | undefined;
  return {
    name: options.name,
    nc,
    js: jetstream(nc, apiOptionsOf(options)),
    jsm,
    publisher,
    streams: new StreamProvisioner(jsm, publisher, { timeoutMs: startTimeoutOf(options), clock, log }),
    health,
    codec: codecOf(options),
    clock,
    log,
    inboxPrefix: options.inboxPrefix,
    close: () => (closing ??= close(nc, publisher, health)),
  };
};

// A codec of the user's may be a class: it is wrapped, not copied.
const codecOf = ({ codec = jsonCodec, encryption }: NatsModuleOptions): Codec =>
  encryption
    ? {
        contentType: codec.contentType,
        encode: (value) => codec.encode(value),
        decode: (bytes) => codec.decode(bytes),
        keys: encryption.keys,
      }
    : codec;

const follow = async (
  nc: NatsConnection,
  health: HealthMonitor,
  publisher: JetStreamPublisher,
): Promise<void> => {
  for await (const status of nc.status()) {
    health.apply(status);
    publisher.setConnected(health.current.state === 'connected');
    if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue;
    if (status.error.operation === 'publish') publisher.deny(status.error.subject, status.error);
  }
};

const close = async (
  nc: NatsConnection,
  publisher: JetStreamPublisher,
  health: HealthMonitor,
): Promise<void> => {
  await publisher.close(CLOSE_TIMEOUT_MS);
  if (health.current.state === 'connected') await settlesWithin(nc.drain(), CLOSE_TIMEOUT_MS);
  if (!nc.isClosed()) await nc.close();
  health.close();
};
