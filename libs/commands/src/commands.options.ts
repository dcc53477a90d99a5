import { Duration, ProvisionMode } from '@millrace/core';
import { DeadLetterSettings } from '@millrace/delivery';
import { CommandDeclarations } from './calling/sendings.js';
import { HandlerDefaults } from './handler.options.js';
import { StateSettings } from './state/command.state.js';

export interface CommandsModuleOptions extends CommandDeclarations {
  /** `create` makes and updates streams and consumers, `bind` only checks them. Default `create`. */
  provision?: ProvisionMode;
  /** How many replicas all streams have for which nothing else is said: 1, 3 or 5. Default: as they are, 1 for new ones. */
  replicas?: number;
  /** For all handlers that do not say otherwise. */
  defaults?: HandlerDefaults;
  /** What `nats micro info` shows. The name is the connection's. */
  service?: {
    /** Semantic version. Default `0.0.0`. */
    version?: string;
    description?: string;
  };
  /** Where dispatched commands, results and answers are kept. Default one replica, in files. */
  storage?: StateSettings;
  /** How long the answer for an idempotency key is kept. Default 10 minutes. */
  keepAnswers?: Duration;
  /** How long a task's result is kept, where `dispatch` does not say. Default 1 hour. */
  keepResults?: Duration;
  deadLetters?: DeadLetterSettings;
  /** How long handlers may go on after SIGTERM. Default 10 s. */
  shutdownTimeout?: Duration;
}

export const COMMANDS_DEFAULTS = {
  version: '0.0.0',
  keepAnswers: '10m',
  keepResults: '1h',
  shutdownTimeout: '10s',
} as const;
