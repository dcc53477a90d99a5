/** What the engine writes to. Nest's `Logger` fits as it is. */
export interface Log {
  debug(message: string): void;
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
}

export const silentLog: Log = { debug() {}, log() {}, warn() {}, error() {} };
