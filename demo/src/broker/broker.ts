import { startNatsServer, type NatsServer, type ProgressListener } from '@millrace/nats-server';
import { connect, credsAuthenticator, NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { readFileSync } from 'node:fs';
import { claimStore } from './store.claim.js';

/** The NATS of a run: a server of its own, or the one that `NATS_URL` names. */
export interface Broker {
  /** As the apps are told. */
  readonly url: string;
  /** As everybody may see it: without credentials. */
  readonly shownUrl: string;
  readonly monitoringUrl: string | undefined;
  /** Rejects when a server of our own ends by itself. */
  failed(): Promise<never>;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface BrokerOptions {
  readonly onProgress?: ProgressListener | undefined;
  /** Where a server of our own keeps its data, to be found again by the next run; `undefined`: nowhere. */
  readonly store: string | undefined;
}

/** What a server has to stop in, when the runner that started it was killed. */
const CLAIM_MS = 20_000;

/** @throws NatsServerError that says which ways to a nats-server were tried. */
export const openBroker = async (env: Environment, { onProgress, store }: BrokerOptions): Promise<Broker> => {
  const url = env['NATS_URL'];
  if (url) return foreign(url);
  const settings = { name: 'millrace-demo', onProgress };
  if (store === undefined) return own(await startNatsServer(settings));
  const claim = await claimStore(store, CLAIM_MS);
  try {
    const server = await startNatsServer({ ...settings, storeDir: store });
    if (server.pid !== undefined) claim.share(server.pid);
    const broker = own(server);
    return { ...broker, stop: () => broker.stop().finally(() => claim.release()) };
  } catch (error) {
    claim.release();
    throw error;
  }
};

const foreign = (url: string): Broker => ({
  url,
  shownUrl: withoutCredentials(url),
  monitoringUrl: undefined,
  failed: () => new Promise<never>(() => undefined),
  stop: () => Promise.resolve(),
});

const own = (server: NatsServer): Broker => ({
  url: server.url,
  shownUrl: server.url,
  monitoringUrl: server.monitoringUrl,
  async failed() {
    const { expected, code, signal } = await server.exited;
    if (expected) return new Promise<never>(() => undefined);
    const log = (await server.logTail()).map((line) => `  ${line}`).join('\n');
    throw new Error(`nats-server ended by itself (${signal ?? `code ${code}`}). The end of its log:\n${log}`);
  },
  stop: () => server.stop(),
});

/** `nats://ann:secret@host:4222` as `nats://host:4222`; several with commas between. */
export const withoutCredentials = (url: string): string => url.replaceAll(/(\w+:\/\/)[^/@,\s]*@/g, '$1');

/** A plain client, with the credentials that the apps use too. @throws Error that names the server. */
export const connectTo = async (url: string, env: Environment): Promise<NatsConnection> => {
  try {
    return await connect(clientOptions(url, env));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`NATS at ${withoutCredentials(url)} cannot be used: ${reason}`, { cause });
  }
};

const clientOptions = (url: string, env: Environment): NodeConnectionOptions => {
  const { NATS_USER: user, NATS_PASSWORD: pass, NATS_CREDS: creds, NATS_CA: caFile } = env;
  return {
    name: 'millrace-demo',
    servers: url.split(',').map((server) => server.trim()),
    maxReconnectAttempts: -1,
    noAsyncTraces: true,
    ...(user ? { user, ...(pass ? { pass } : {}) } : {}),
    ...(creds ? { authenticator: credsAuthenticator(new Uint8Array(readFileSync(creds))) } : {}),
    ...(caFile ? { tls: { caFile } } : {}),
  };
};
