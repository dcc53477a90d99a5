import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { configInvalid, Duration, errorMessage, NatsModuleOptions, NatsTlsOptions } from '@millrace/core';
import { Flags } from '../flags.js';
import { ConnectionSettings, Environment } from './connection.settings.js';
import { readNatsContext } from './nats-context.js';
import { readServers } from './server.url.js';

const DEFAULT_TIMEOUT = '5s';

/** The options of a connection. They and the variables are those of the `nats` command, where it has them. */
export const addConnectionOptions = (program: Command): Command =>
  program
    .option(
      '-s, --server <urls>',
      'NATS servers, separated by commas (NATS_URL; default nats://127.0.0.1:4222)',
    )
    .option('--user <name>', 'user (NATS_USER)')
    .option('--password <secret>', 'password (NATS_PASSWORD, which other users cannot see)')
    .option('--token <secret>', 'token (NATS_TOKEN)')
    .option('--nkey <file>', 'file with an nkey seed (NATS_NKEY)')
    .option('--creds <file>', 'credentials file (NATS_CREDS)')
    .option('--tlsca <file>', 'certificate authority, PEM (NATS_CA)')
    .option('--tlscert <file>', 'client certificate, PEM (NATS_CERT)')
    .option('--tlskey <file>', 'key of the client certificate, PEM (NATS_KEY)')
    .option('--tlsfirst', 'TLS before the server says anything')
    .option('--inbox-prefix <prefix>', 'prefix of reply subjects (NATS_INBOX_PREFIX)')
    .option(
      '--timeout <duration>',
      `for connecting, and for each request (NATS_TIMEOUT; default ${DEFAULT_TIMEOUT})`,
    )
    .option('--nats-context <name>', 'a saved context of the nats command (NATS_CONTEXT)');

const fromFlags = (flags: Flags): ConnectionSettings => ({
  server: flags.text('server'),
  user: flags.text('user'),
  password: flags.text('password'),
  token: flags.text('token'),
  nkey: flags.text('nkey'),
  creds: flags.text('creds'),
  tlsca: flags.text('tlsca'),
  tlscert: flags.text('tlscert'),
  tlskey: flags.text('tlskey'),
  tlsfirst: flags.isSet('tlsfirst') || undefined,
  inboxPrefix: flags.text('inboxPrefix'),
  timeout: flags.text('timeout'),
});

// Empty counts as not given, as in `NATS_USER= millrace …`.
const fromEnvironment = (env: Environment): ConnectionSettings => ({
  server: env['NATS_URL'] || undefined,
  user: env['NATS_USER'] || undefined,
  password: env['NATS_PASSWORD'] || undefined,
  token: env['NATS_TOKEN'] || undefined,
  nkey: env['NATS_NKEY'] || undefined,
  creds: env['NATS_CREDS'] || undefined,
  tlsca: env['NATS_CA'] || undefined,
  tlscert: env['NATS_CERT'] || undefined,
  tlskey: env['NATS_KEY'] || undefined,
  inboxPrefix: env['NATS_INBOX_PREFIX'] || undefined,
  timeout: env['NATS_TIMEOUT'] || undefined,
});

/**
 * How to connect: flags before the environment, and that before the context.
 * @throws MillraceError `CONFIG_INVALID`
 */
export const connectionOptions = (flags: Flags, env: Environment): NatsModuleOptions => {
  const context = flags.text('natsContext') ?? (env['NATS_CONTEXT'] || undefined);
  const sources = [
    fromFlags(flags),
    fromEnvironment(env),
    ...(context === undefined ? [] : [readNatsContext(context, env)]),
  ].map(withServerSecrets);
  const first = <K extends keyof ConnectionSettings>(name: K): ConnectionSettings[K] =>
    sources.find((source) => source[name] !== undefined)?.[name];
  const timeout = (first('timeout') ?? DEFAULT_TIMEOUT) as Duration;
  const [server, inboxPrefix] = [first('server'), first('inboxPrefix')];
  return {
    name: 'millrace-cli',
    connectTimeout: timeout,
    requestTimeout: timeout,
    ...(server === undefined ? {} : { servers: server }),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    // All of one source: a user of the flags does not go with a token of the environment.
    ...authentication(sources.find(authenticates) ?? {}),
    ...tlsOptions(sources.find(encrypts) ?? {}),
  };
};

const withServerSecrets = (source: ConnectionSettings): ConnectionSettings => {
  if (source.server === undefined) return source;
  const { servers, ...secrets } = readServers(source.server);
  return authenticates(source) ? { ...source, server: servers } : { ...source, ...secrets, server: servers };
};

const authenticates = ({ user, password, token, nkey, creds }: ConnectionSettings): boolean =>
  [user, password, token, nkey, creds].some((given) => given !== undefined);

const encrypts = ({ tlsca, tlscert, tlskey, tlsfirst }: ConnectionSettings): boolean =>
  [tlsca, tlscert, tlskey, tlsfirst].some((given) => given !== undefined);

const authentication = ({
  user,
  password,
  token,
  nkey,
  creds,
}: ConnectionSettings): Partial<NatsModuleOptions> => ({
  ...(user === undefined ? {} : { user }),
  ...(password === undefined ? {} : { password }),
  ...(token === undefined ? {} : { token }),
  ...(nkey === undefined ? {} : { nkey: readSeed(nkey) }),
  ...(creds === undefined ? {} : { credentialsFile: creds }),
});

const readSeed = (file: string): string => {
  try {
    // The key files of nk and nsc may hold comments and blank lines.
    const seed = readFileSync(file, 'utf8').match(/^\s*(S[A-Z0-9]+)\s*$/m)?.[1];
    return seed ?? '';
  } catch (error) {
    throw configInvalid(
      `The nkey file cannot be read (${errorMessage(error)})`,
      'Name a file with an nkey seed',
    );
  }
};

const tlsOptions = ({ tlsca, tlscert, tlskey, tlsfirst }: ConnectionSettings): { tls?: NatsTlsOptions } =>
  encrypts({ tlsca, tlscert, tlskey, tlsfirst })
    ? {
        tls: {
          ...(tlsca === undefined ? {} : { caFile: tlsca }),
          ...(tlscert === undefined ? {} : { certFile: tlscert }),
          ...(tlskey === undefined ? {} : { keyFile: tlskey }),
          ...(tlsfirst === undefined ? {} : { handshakeFirst: tlsfirst }),
        },
      }
    : {};
