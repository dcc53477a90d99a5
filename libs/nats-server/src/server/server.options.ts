import type { NatsServerBinary } from '../binary/binary.finder.js';
import type { ResolveOptions } from '../binary/binary.resolver.js';
import { invalidOption } from '../nats-server.error.js';
import { type SupervisorKind, defaultSupervisor } from '../process/supervised.process.js';
import type { ConfigValue } from './server-config.renderer.js';

/** What one server and every server of a cluster have in common. */
export interface SharedServerOptions extends ResolveOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Enables JetStream. Default true. */
  readonly jetstream?: boolean | undefined;
  /**
   * More nats-server configuration: text appended to the generated file, or an object rendered into it. An
   * object's `jetstream` block is merged into the generated one. A repeated key overrides the generated one.
   */
  readonly config?: string | Readonly<Record<string, ConfigValue>> | undefined;
  /** Each line of the server's log as it is written. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Logs at debug level. Default false. */
  readonly debug?: boolean | undefined;
  /** Logs every protocol message. Default false. */
  readonly trace?: boolean | undefined;
  /** The longest wait for readiness, in ms. Default 15,000 for a server, 30,000 for a cluster. */
  readonly readyTimeoutMs?: number | undefined;
  /** The longest wait between SIGTERM and SIGKILL, in ms. Default 5,000. */
  readonly stopTimeoutMs?: number | undefined;
  /** Whether a running server keeps this process alive. Default false: it ends with the process. */
  readonly keepAlive?: boolean | undefined;
  /** What ends the server when this process dies. Default `sh`, on Windows `node`. */
  readonly supervisor?: SupervisorKind | undefined;
}

export interface NatsServerOptions extends SharedServerOptions {
  /** Client port; 0 picks a free one. Default 0. */
  readonly port?: number | undefined;
  /** Serves the HTTP monitoring end points. Default true. */
  readonly monitoring?: boolean | undefined;
  /** Port of the monitoring end points; 0 picks a free one. Default 0. */
  readonly monitoringPort?: number | undefined;
  /** Where JetStream keeps its data. Default: a temporary directory that `stop()` removes. */
  readonly storeDir?: string | undefined;
  /** `server_name`. Default `millrace-<port>`. */
  readonly name?: string | undefined;
  /** File the log is appended to; not together with `onLog`. Default: a temporary one. */
  readonly logFile?: string | undefined;
  /**
   * A nats-server configuration file to run as it is, in place of a generated one. Options that would say otherwise
   * are refused. Without `http` in it, ready means only that its port accepts connections.
   */
  readonly configFile?: string | undefined;
  /** Variables that `configFile` refers to as `$NAME`, beside those of this process. */
  readonly configEnv?: Readonly<Record<string, string>> | undefined;
}

/** The options that do not change while a server is restarted, with their defaults. */
export interface ServerSettings {
  readonly binary: NatsServerBinary;
  readonly host: string;
  readonly jetstream: boolean;
  readonly monitoring: boolean;
  readonly config: string | Readonly<Record<string, ConfigValue>>;
  readonly onLog: ((line: string) => void) | undefined;
  readonly debug: boolean;
  readonly trace: boolean;
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly keepAlive: boolean;
  readonly supervisor: SupervisorKind;
  readonly configFile: string | undefined;
  readonly configEnv: Readonly<Record<string, string>>;
}

const DEFAULTS = { host: '127.0.0.1', readyTimeoutMs: 15_000, stopTimeoutMs: 5_000 } as const;

export function serverSettings(
  options: SharedServerOptions & Pick<NatsServerOptions, 'monitoring' | 'configFile' | 'configEnv'>,
  binary: NatsServerBinary,
): ServerSettings {
  return {
    binary,
    host: options.host ?? DEFAULTS.host,
    jetstream: options.jetstream ?? true,
    monitoring: options.monitoring ?? true,
    config: options.config ?? {},
    onLog: options.onLog,
    debug: options.debug ?? false,
    trace: options.trace ?? false,
    readyTimeoutMs: options.readyTimeoutMs ?? DEFAULTS.readyTimeoutMs,
    stopTimeoutMs: options.stopTimeoutMs ?? DEFAULTS.stopTimeoutMs,
    keepAlive: options.keepAlive ?? false,
    supervisor: options.supervisor ?? defaultSupervisor(),
    configFile: options.configFile,
    configEnv: options.configEnv ?? {},
  };
}

/**
 * The port itself, 0 for undefined.
 *
 * @throws NatsServerError NATS_SERVER_OPTION_INVALID
 */
export function checkedPort(name: string, port: number | undefined): number {
  if (port === undefined) return 0;
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw invalidOption(`${name} must be a whole number from 0 to 65535, not ${port}`);
}
