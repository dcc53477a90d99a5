import { readFileSync } from 'node:fs';
import {
  Authenticator,
  credsAuthenticator,
  NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node';
import { toMillis } from '../duration/duration.js';
import { errorMessage } from '../errors/error-text.js';
import { configInvalid, MillraceError } from '../errors/millrace.error.js';
import { NATS_DEFAULTS, NatsModuleOptions, NatsTlsOptions } from './nats-options.js';

const encoder = new TextEncoder();

/** The client's options for ours. @throws `CONFIG_INVALID` for contradictory or unreadable credentials. */
export const toClientOptions = (options: NatsModuleOptions): NodeConnectionOptions => {
  assertUsable(options);
  return {
    name: options.name,
    servers: serversOf(options),
    timeout: Math.min(
      5000,
      toMillis(options.connectTimeout ?? NATS_DEFAULTS.connectTimeout, 'connectTimeout'),
    ),
    pingInterval: toMillis(options.pingInterval ?? NATS_DEFAULTS.pingInterval, 'pingInterval'),
    maxPingOut: 2,
    // A service outlives its broker: the default gives up after ten attempts.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    reconnectJitter: 250,
    // Capturing a stack per request more than halves throughput.
    noAsyncTraces: true,
    // A rotated credential must not end the reconnecting.
    ignoreAuthErrorAbort: true,
    ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
    ...authentication(options),
    ...(options.tls ? { tls: tls(options.tls) } : {}),
  };
};

const assertUsable = ({ name, publish = {} }: NatsModuleOptions): void => {
  // It is the `ce-source` of every event, which CloudEvents does not allow to be empty.
  if (!name) throw configInvalid('NatsModule: name is empty', 'Give the name of the application');
  const { maxInFlight = 1 } = publish;
  if (!Number.isSafeInteger(maxInFlight) || maxInFlight < 1) {
    throw configInvalid(
      `NatsModule: publish.maxInFlight is ${maxInFlight}`,
      'Give a whole number of at least 1',
    );
  }
};

const serversOf = ({ servers = NATS_DEFAULTS.servers }: NatsModuleOptions): string[] => {
  const list = (typeof servers === 'string' ? servers.split(',') : [...servers])
    .map((server) => server.trim())
    .filter((server) => server !== '');
  if (list.length === 0)
    throw configInvalid('NatsModule: servers is empty', 'Name one server, or leave it out');
  // The client drops them without a word. The address is not repeated: it holds a secret.
  if (list.some((server) => server.includes('@'))) {
    throw configInvalid(
      'NatsModule: servers holds credentials',
      'Give user and password, or token, as options of their own',
    );
  }
  return list;
};

const authentication = (options: NatsModuleOptions): NodeConnectionOptions => {
  const { user, password, token, nkey, credentialsFile } = options;
  const given = Object.entries({ user, token, nkey, credentialsFile }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    throw configInvalid(
      `NatsModule: ${given.map(([name]) => name).join(' and ')} are given together`,
      'Give one way to authenticate',
    );
  }
  if (password !== undefined && user === undefined) {
    throw configInvalid('NatsModule: a password without a user', 'Give user and password together');
  }
  if (user !== undefined) return { user, ...(password === undefined ? {} : { pass: password }) };
  if (token !== undefined) return { token };
  if (nkey !== undefined) {
    return { authenticator: tried('nkey', nkeyAuthenticator(encoder.encode(nkey))) };
  }
  if (credentialsFile !== undefined) {
    // Read again for every connection, so that a rotated file is used.
    const read = (): Authenticator =>
      credsAuthenticator(new Uint8Array(readFile('credentialsFile', credentialsFile)));
    return { authenticator: tried('credentialsFile', (nonce) => read()(nonce)) };
  }
  return {};
};

// The client would only find a malformed secret out while it connects, and give it as a failure to reach a server.
const tried = (option: string, authenticator: Authenticator): Authenticator => {
  try {
    authenticator('nonce');
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    // Without the cause: its text may hold the secret.
    throw configInvalid(`NatsModule: ${option} holds no usable seed`, 'Give it as nsc or nk wrote it');
  }
  return authenticator;
};

const tls = ({ handshakeFirst, ...files }: NatsTlsOptions): NonNullable<NodeConnectionOptions['tls']> => {
  for (const name of ['caFile', 'certFile', 'keyFile'] as const) {
    const file = files[name];
    if (file !== undefined) readFile(`tls.${name}`, file);
  }
  if (((files.certFile ?? files.cert) === undefined) !== ((files.keyFile ?? files.key) === undefined)) {
    throw configInvalid('NatsModule: tls has a certificate or its key, not both', 'Give both, or neither');
  }
  return { ...files, ...(handshakeFirst === undefined ? {} : { handshakeFirst }) };
};

const readFile = (option: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw configInvalid(
      `NatsModule: ${option} cannot be read (${errorMessage(error)})`,
      'Give a file that this process can read',
    );
  }
};
