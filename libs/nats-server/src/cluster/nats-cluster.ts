import type { NatsServer } from '../server/nats-server.js';
import type { SharedServerOptions } from '../server/server.options.js';

/** The way from one server of a cluster to another. */
export interface ClusterRoute {
  /** Name of the server that connects. */
  readonly from: string;
  /** Name of the server that listens. */
  readonly to: string;
  /** Where it listens for other servers. */
  readonly url: string;
}

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
  /**
   * The address by which one server is to reach another, such as that of a proxy which can cut them off from each
   * other. The servers then tell neither clients nor each other of any other address. Asked again for a start that
   * is repeated on other ports. Default: `url` itself.
   */
  readonly routeVia?: ((route: ClusterRoute) => string | Promise<string>) | undefined;
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
