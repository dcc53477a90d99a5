import { readFileSync } from 'node:fs';
import { credsAuthenticator, NodeConnectionOptions, nkeyAuthenticator } from '@nats-io/transport-node';
import { toMillis } from '../duration/duration.js';
import { errorMessage } from '../errors/error-text.js';
import { configInvalid } from '../errors/millrace.error.js';
import { NATS_DEFAULTS, NatsModuleOptions, NatsTlsOptions } from './nats-options.js';

const encoder = new TextEncoder();

/** The client's options for ours. @throws `CONFIG_INVALID` for contradictory or unreadable credentials. */
export const toClientOptions = (options: NatsModuleOptions): NodeConnectionOptions => {
  const servers = options.servers ?? NATS_DEFAULTS.servers;
  return {
    name: options.name,
    servers: typeof servers === 'string' ? servers.split(',').map((server) => server.trim()) : [...servers],
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
  if (nkey !== undefined) return { authenticator: nkeyAuthenticator(encoder.encode(nkey)) };
  if (credentialsFile !== undefined) {
    return {
      authenticator: credsAuthenticator(new Uint8Array(readFile('credentialsFile', credentialsFile))),
    };
  }
  return {};
};

const tls = ({ handshakeFirst, ...files }: NatsTlsOptions): NonNullable<NodeConnectionOptions['tls']> => {
  for (const name of ['caFile', 'certFile', 'keyFile'] as const) {
    const file = files[name];
    if (file !== undefined) readFile(`tls.${name}`, file);
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
