import {
  AuthorizationError,
  connect,
  InvalidArgumentError,
  NatsConnection,
  NodeConnectionOptions,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { jetstream, JetStreamClient, JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Clock, delay, settlesWithin, systemClock } from '../clock/clock.js';
import { Codec } from '../codec/codec.js';
import { jsonCodec } from '../codec/json.codec.js';
import { toMillis } from '../duration/duration.js';
import { ErrorCode } from '../errors/error-codes.js';
import { errorMessage } from '../errors/error-text.js';
import { configInvalid, MillraceError } from '../errors/millrace.error.js';
import { Log } from '../logging/log.js';
import { StreamProvisioner } from '../provisioning/stream.provisioner.js';
import { JetStreamPublisher } from '../publishing/jetstream.publisher.js';
import { toClientOptions } from './client-options.js';
import { HealthMonitor } from './connection.health.js';
import { NATS_DEFAULTS, NatsModuleOptions } from './nats-options.js';
import { assertServerVersion } from './server-version.js';
import { isTlsError } from './tls-error.js';

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
const RETRY_MS = 250;

/**
 * Connects, and waits for the server to come up, `connectTimeout` at most.
 * @throws MillraceError `CONNECTION_FAILED`, `CONNECTION_REFUSED`, `SERVER_TOO_OLD` or `CONFIG_INVALID`.
 */
export const openConnection = async (options: NatsModuleOptions, log: Log): Promise<MillraceConnection> => {
  const nc = await connectWithin(options);
  try {
    return await assemble(nc, options, log);
  } catch (error) {
    await nc.close();
    throw error;
  }
};

const connectWithin = async (options: NatsModuleOptions): Promise<NatsConnection> => {
  const clientOptions = toClientOptions(options);
  const clock = options.clock ?? systemClock;
  const timeoutMs = toMillis(options.connectTimeout ?? NATS_DEFAULTS.connectTimeout, 'connectTimeout');
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    try {
      return await connectBefore(clientOptions, deadline - clock.monotonic());
    } catch (error) {
      if (error instanceof InvalidArgumentError) {
        throw configInvalid(`NatsModule: ${error.message}`, 'Correct the option');
      }
      const refused = error instanceof AuthorizationError || isTlsError(error);
      if (!refused && clock.monotonic() + RETRY_MS < deadline) {
        await delay(RETRY_MS);
        continue;
      }
      const where = String(clientOptions.servers);
      throw new MillraceError(
        refused ? ErrorCode.ConnectionRefused : ErrorCode.ConnectionFailed,
        refused
          ? `NATS at ${where} refused the connection (${errorMessage(error)})`
          : `NATS at ${where} could not be reached within ${timeoutMs} ms (${errorMessage(error)})`,
        {
          remedy: refused
            ? 'Check the credentials and the TLS files'
            : "Start a server ('npx millrace-nats'), or set 'servers' to where one runs",
          details: { servers: clientOptions.servers },
          cause: error,
        },
      );
    }
  }
};

// The client's own timeout holds for each address of each server in turn.
const connectBefore = async (options: NodeConnectionOptions, leftMs: number): Promise<NatsConnection> => {
  const connecting = connect(options);
  if (await settlesWithin(connecting, Math.max(0, leftMs))) return connecting;
  connecting.then((nc) => nc.close()).catch(() => undefined);
  throw new Error('no answer');
};

const assemble = async (
  nc: NatsConnection,
  options: NatsModuleOptions,
  log: Log,
): Promise<MillraceConnection> => {
  assertServerVersion(nc.info?.version ?? '');
  const clock = options.clock ?? systemClock;
  const apiOptions = {
    timeout: toMillis(options.requestTimeout ?? NATS_DEFAULTS.requestTimeout, 'requestTimeout'),
    checkAPI: options.checkApi ?? true,
  };
  const jsm = await managerOf(nc, apiOptions);
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
    js: jetstream(nc, apiOptions),
    jsm,
    publisher,
    streams: new StreamProvisioner(jsm, publisher, log),
    health,
    codec: options.codec ?? jsonCodec,
    clock,
    log,
    inboxPrefix: options.inboxPrefix,
    close: () => (closing ??= close(nc, publisher, health)),
  };
};

const managerOf = async (
  nc: NatsConnection,
  options: { timeout: number; checkAPI: boolean },
): Promise<JetStreamManager> => {
  try {
    return await jetstreamManager(nc, options);
  } catch (error) {
    const disabled = error instanceof Error && error.name === 'JetStreamNotEnabled';
    throw new MillraceError(
      ErrorCode.ConnectionRefused,
      disabled
        ? 'JetStream is not enabled on the server'
        : `JetStream did not answer: ${errorMessage(error)}`,
      {
        remedy: disabled
          ? "Start nats-server with '--jetstream', or enable it for this account"
          : "Check the user's permissions; a user that may not ask for '$JS.API.INFO' needs checkApi: false",
        cause: error,
      },
    );
  }
};

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
