/**
 * The order of start and shutdown. Phases start in this order, each once the one before is done, and stop in
 * the reverse order: work is taken only when everything under it is ready, and given up first.
 */
export const LifecyclePhase = {
  /** Connections: opened first, drained last. */
  Connection: 0,
  /** Streams, consumers and buckets agree with the code. */
  Provision: 10,
  /** What is held for others: leases, leadership. */
  Leases: 20,
  /** Subscribers and other takers of work. */
  Consume: 30,
} as const;

export type LifecyclePhase = (typeof LifecyclePhase)[keyof typeof LifecyclePhase];

/** One part that starts and stops with the application. */
export interface LifecycleParticipant {
  /** As shown in logs and errors. */
  readonly name: string;
  readonly phase: LifecyclePhase;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}
