import {
  ClosedConnectionError,
  DrainingConnectionError,
  PermissionViolationError,
} from '@nats-io/transport-node';
import { MillraceConnection, TimerHandle } from '@millrace/core';
import { storageUnavailable } from './storage.errors.js';

/** After an answer that says "not now". */
const RETRY_MS = 100;
/** After no answer: a stream's leader can die while the connection, to another node, lives on. */
const OVERDUE_MS = 1000;
/** How often what is open is looked through. */
const SWEEP_MS = 25;

export interface PatientRequest<A> {
  /** What is asked, as errors show it. */
  what: string;
  /** How long it may take altogether. */
  timeoutMs: number;
  /** Sends one request. Must be safe to repeat. */
  send: (attempt: number) => Promise<A>;
}

const isFinal = (error: unknown): boolean =>
  error instanceof ClosedConnectionError ||
  error instanceof DrainingConnectionError ||
  error instanceof PermissionViolationError;

/** A request that is not settled. */
interface Open {
  attempt(): void;
  lookAt(now: number): void;
  giveUp(): void;
}

/** One request, until it is answered or given up. */
class Asking<A> implements Open {
  private attempts = 0;
  private nextAt = 0;
  private lastError: unknown;
  private readonly deadline: number;

  constructor(
    private readonly own: PatientRequests,
    private readonly request: PatientRequest<A>,
    private readonly settle: { resolve: (answer: A) => void; reject: (error: unknown) => void },
  ) {
    this.deadline = own.now + request.timeoutMs;
  }

  attempt(): void {
    const mine = ++this.attempts;
    this.nextAt = this.own.now + OVERDUE_MS;
    this.request.send(mine).then(
      (answer) => {
        this.own.forget(this);
        this.settle.resolve(answer);
      },
      (error: unknown) => this.onFailure(mine, error),
    );
  }

  lookAt(now: number): void {
    if (now >= this.deadline) this.giveUp();
    else if (now >= this.nextAt) this.attempt();
  }

  giveUp(): void {
    this.own.forget(this);
    const { what, timeoutMs } = this.request;
    this.settle.reject(storageUnavailable(what, timeoutMs, this.lastError));
  }

  private onFailure(mine: number, error: unknown): void {
    if (mine !== this.attempts) return;
    this.lastError = error;
    if (isFinal(error)) this.giveUp();
    else this.nextAt = this.own.now + RETRY_MS;
  }
}

/** What is being asked over one connection: one timer and one look at its health for all of it. */
class PatientRequests {
  private readonly open = new Set<Open>();
  private sweep: TimerHandle | undefined;
  private away = false;

  constructor(private readonly connection: MillraceConnection) {
    connection.health.changes.subscribe({
      next: ({ state }) => {
        const returned = this.away && state === 'connected';
        this.away = state !== 'connected';
        if (returned) for (const asking of this.open) asking.attempt();
      },
      complete: () => {
        for (const asking of this.open) asking.giveUp();
      },
    });
  }

  get now(): number {
    return this.connection.clock.monotonic();
  }

  ask<A>(request: PatientRequest<A>): Promise<A> {
    return new Promise((resolve, reject) => {
      const asking = new Asking<A>(this, request, { resolve, reject });
      this.open.add(asking);
      // Lives on for a while when all is answered: most often there is a next request.
      this.sweep ??= this.connection.clock.every(SWEEP_MS, () => this.onSweep());
      asking.attempt();
    });
  }

  forget(asking: Open): void {
    this.open.delete(asking);
  }

  private onSweep(): void {
    const { now } = this;
    for (const asking of this.open) asking.lookAt(now);
    if (this.open.size > 0) return;
    this.sweep?.cancel();
    this.sweep = undefined;
  }
}

const requestsOf = new WeakMap<MillraceConnection, PatientRequests>();

/**
 * Asks the server until it answers: again after a reconnect, since the answer to an earlier request is lost
 * with its connection, again when the answer is overdue, and again while no leader is elected.
 * @throws MillraceError `STORAGE_UNAVAILABLE` after `timeoutMs`, or at once when the connection is closed.
 */
export const askPatiently = <A>(connection: MillraceConnection, request: PatientRequest<A>): Promise<A> => {
  const requests = requestsOf.get(connection) ?? new PatientRequests(connection);
  requestsOf.set(connection, requests);
  return requests.ask(request);
};
