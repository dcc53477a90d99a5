import type { NatsServer } from '../server/nats-server.js';
import type { SharedServerOptions } from '../server/server.options.js';

export interface NatsClusterOptions extends SharedServerOptions {
  /** How many servers; odd numbers keep a majority best. Default 3. */
  readonly size?: number | undefined;
  /** Name of the cluster; its servers are `<name>-1`, `<name>-2`, … Default `millrace`. */
  readonly name?: string | undefined;
  /** Client port of the first server, the others follow; 0 picks free ones. Default 0. */
  readonly port?: number | undefined;
  /** Monitoring port of the first server, the others follow; 0 picks free ones. Default 0. */
  readonly monitoringPort?: number | undefined;
  /** Holds one store per server, `<storeDir>/<server name>`. Default: temporary directories. */
  readonly storeDir?: string | undefined;
}

export interface ReadyOptions {
  /** Default: the cluster's `readyTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** Servers that form one JetStream cluster. */
export interface NatsCluster {
  readonly name: string;
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  /** All URLs, separated by commas. */
  readonly url: string;
  /**
   * Resolves when the running servers agree on a JetStream meta leader, are current and healthy. A server's
   * own `restart()` resolves earlier, when the process serves clients.
   *
   * @throws NatsServerError NATS_SERVER_NOT_READY, without a majority for instance
   */
  ready(options?: ReadyOptions): Promise<void>;
  /** The server that leads the JetStream meta group; undefined while there is none. */
  leader(): Promise<NatsServer | undefined>;
  /** Stops every server; may be repeated. */
  stop(): Promise<void>;
}
