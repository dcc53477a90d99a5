import { NatsServer } from '@millrace/nats-server';
import { Cut } from '../schedule/fault.js';

/** The servers of a run. */
export interface Topology {
  readonly servers: readonly NatsServer[];
  /** Cuts one server off from the others, not from its clients. */
  isolate(name: string, how: Cut): void;
  rejoin(name: string): void;
  stop(): Promise<void>;
}

/** How much the store of a server holds. What fills it up is the drill's own. */
export const STORE_BYTES = 160 * 1024 * 1024;
