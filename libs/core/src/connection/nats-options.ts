import { Duration } from '../duration/duration.js';
import { Codec } from '../codec/codec.js';
import { KeyProvider } from '../encryption/key.provider.js';
import { Clock } from '../clock/clock.js';

export interface NatsTlsOptions {
  /** PEM files. */
  caFile?: string;
  certFile?: string;
  keyFile?: string;
  /** PEM text, in place of files. */
  ca?: string;
  cert?: string;
  key?: string;
  /** TLS before the server's INFO; the server must be set up for it (`handshake_first`). */
  handshakeFirst?: boolean;
}

/** One connection to NATS. */
export interface NatsModuleOptions {
  /** The application's name: the `ce-source` of its events, and the start of its default groups. */
  name: string;
  /** `nats://host:port`, one or several nodes of one cluster. Default `nats://127.0.0.1:4222`. */
  servers?: string | readonly string[];
  user?: string;
  password?: string;
  token?: string;
  /** An nkey seed (`SU…`). */
  nkey?: string;
  /** A `.creds` file. */
  credentialsFile?: string;
  tls?: NatsTlsOptions;
  /** How long to try for the first connection, and for each stream that has no leader. Default 20 s. */
  connectTimeout?: Duration;
  /** How long one JetStream API request may take. Default 5 s. */
  requestTimeout?: Duration;
  /** Default 20 s: two unanswered pings make a connection stale. */
  pingInterval?: Duration;
  /** The prefix of reply subjects, for per-user permissions. Default `_INBOX`. */
  inboxPrefix?: string;
  /** Ask for JetStream at connect. Set `false` for a user that may not ask (least privilege). Default `true`. */
  checkApi?: boolean;
  publish?: {
    /** How many publishes may be unconfirmed at once. Default 1024. */
    maxInFlight?: number;
    /** How long one publish may take altogether, retries included. Default 5 s. */
    deadline?: Duration;
    /** How long to wait for an answer before sending again. Default 2 s. */
    ackTimeout?: Duration;
  };
  /** Default JSON. */
  codec?: Codec;
  /** For properties under `@Encrypted`. */
  encryption?: { keys: KeyProvider };
  /** Default the system's. */
  clock?: Clock;
}

/** The defaults of every connection. */
export const NATS_DEFAULTS = {
  servers: 'nats://127.0.0.1:4222',
  connectTimeout: '20s',
  requestTimeout: '5s',
  pingInterval: '20s',
  maxInFlight: 1024,
  deadline: '5s',
  ackTimeout: '2s',
} as const;
