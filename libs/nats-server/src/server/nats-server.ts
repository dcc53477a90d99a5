import type { ProcessExit } from '../process/supervised.process.js';

/** How a server process ended. */
export interface ServerExit extends ProcessExit {
  /** Whether `stop`, `restart` or `kill` asked for it. */
  readonly expected: boolean;
}

export interface RestartOptions {
  /** How the running process is ended. Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
}

/** A nats-server process of ours. It ends at the latest when this Node process does, by whatever cause. */
export interface NatsServer {
  readonly name: string;
  /** Such as `2.15.1`. */
  readonly version: string;
  /** `nats://host:port`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** `http://host:port`; undefined when monitoring is off. */
  readonly monitoringUrl: string | undefined;
  /** Undefined when JetStream is off, or a `configFile` says where. */
  readonly storeDir: string | undefined;
  /** Of the current process, or of the last one when none runs. */
  readonly pid: number;
  readonly running: boolean;
  /** Settles, and never rejects, when the current process has ended. Each restart begins a new one. */
  readonly exited: Promise<ServerExit>;

  /**
   * Ends the process, if it runs, and starts it again on the same ports and store; resolves when it is ready.
   *
   * @throws NatsServerError NATS_SERVER_START_FAILED, NATS_SERVER_NOT_READY, NATS_SERVER_PORT_IN_USE, or
   *   NATS_SERVER_NOT_RUNNING after `stop()`
   */
  restart(options?: RestartOptions): Promise<void>;
  /**
   * Sends a signal. For one that ends a server at once (SIGKILL, SIGTERM, SIGINT, SIGQUIT, SIGABRT) it
   * resolves when the process is gone. Default SIGKILL.
   *
   * @throws NatsServerError NATS_SERVER_NOT_RUNNING, or NATS_SERVER_SIGNAL_FAILED when the process outlived
   *   the signal by `stopTimeoutMs`
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: the process keeps its connections and answers nothing. Resolves when it stands still. Not on Windows. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /** SIGTERM, after `stopTimeoutMs` SIGKILL; then removes temporary files. Final, and may be repeated. */
  stop(): Promise<void>;
  /** The last lines of the current process's log, at most 40. */
  logTail(): Promise<readonly string[]>;
}
