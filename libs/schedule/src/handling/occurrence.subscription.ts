import { ErrorCode, MillraceConnection, MillraceError, ProvisionMode } from '@millrace/core';
import {
  ACK,
  compose,
  ConsumerLoop,
  DeadLetterSettings,
  deadLetterStream,
  DeadLetterWriter,
  Handler,
  logging,
  ManagedConsumer,
  Middleware,
  retry,
  timeout,
} from '@millrace/delivery';
import { LockService } from '@millrace/locks';
import { OCCURRENCES, runFilter } from '../keeping/occurrence.stream.js';
import { ResolvedHandlerOptions } from './handler.options.js';
import { Occurrence } from './occurrence.js';
import { OutcomeRecorder } from './outcome.recorder.js';
import { occurrenceDeadSubject } from './occurrence.places.js';
import { skipWhileBusy } from './overlap.middleware.js';

/** What runs for each occurrence. What it returns is of no consequence; what it throws is. */
export type OccurrenceHandler = (occurrence: Occurrence) => unknown;

export interface OccurrenceSubscriptionParts {
  connection: MillraceConnection;
  schedule: string;
  options: ResolvedHandlerOptions;
  handler: OccurrenceHandler;
  locks: LockService;
  mode: ProvisionMode;
  deadLetters: DeadLetterSettings;
  /** Makes the stream of occurrences again, when it was deleted. */
  ensureStream: () => Promise<void>;
  shutdownTimeoutMs: number;
}

/** The handler of one schedule at work: a consumer of its occurrences, shared by all replicas. */
export class OccurrenceSubscription {
  private readonly consumer: ManagedConsumer;
  private readonly loop: ConsumerLoop<Occurrence>;

  constructor(private readonly own: OccurrenceSubscriptionParts) {
    const { connection, schedule, options, mode, ensureStream } = own;
    const { group, ackWaitMs, maxAckPending, concurrency, policy } = options;
    this.consumer = new ManagedConsumer({
      connection,
      mode,
      declaration: {
        stream: OCCURRENCES,
        name: group,
        group,
        app: connection.name,
        filter: runFilter(schedule),
        from: 'beginning',
        ackWaitMs,
        maxAckPending,
      },
      ensureStream,
    });
    this.loop = new ConsumerLoop<Occurrence>({
      connection,
      stream: OCCURRENCES,
      consumer: () => this.consumer.name,
      restore: () => this.consumer.restore(),
      concurrency,
      ackWaitMs,
      create: (message, lease) => new Occurrence(message, group, lease),
      handler: this.pipeline(),
      policy,
      deadLetters: new OccurrenceDeadLetters(connection, deadSubject, () => this.ensureDeadLetters()),
    });
  }

  get group(): string {
    return this.own.options.group;
  }

  get schedule(): string {
    return this.own.schedule;
  }

  /** Makes the consumer. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    await this.ensureDeadLetters();
    await this.consumer.ensure();
  }

  start(): void {
    this.loop.start();
  }

  /** Stops here; the group keeps its place, and other replicas go on. */
  async stop(): Promise<void> {
    await this.loop.stop(this.own.shutdownTimeoutMs);
    this.consumer.stop();
  }

  private ensureDeadLetters(): Promise<void> {
    const { connection, deadLetters, mode } = this.own;
    return connection.streams.ensure(deadLetterStream(deadLetters), mode);
  }

  /** Everything around the handler, outermost first. */
  private pipeline(): Handler<Occurrence> {
    const { connection, options, handler, locks } = this.own;
    const { policy, timeoutMs, overlap } = options;
    const recorder = new OutcomeRecorder(connection);
    const middlewares: Middleware<Occurrence>[] = [
      (next) => (occurrence) => (occurrence.isForeignReplay ? Promise.resolve(ACK) : next(occurrence)),
      refuseForeign,
      logging(connection.log),
      ...(overlap === 'skip' ? [skipWhileBusy(locks, recorder)] : []),
      recorder.middleware,
      retry(policy),
      ...(timeoutMs === undefined ? [] : [timeout<Occurrence>(timeoutMs, connection.clock)]),
    ];
    return compose<Handler<Occurrence>>(middlewares, async (occurrence) => {
      await handler(occurrence);
      return ACK;
    });
  }
}

const refuseForeign: Middleware<Occurrence> = (next) => (occurrence) =>
  occurrence.schedule === ''
    ? Promise.resolve({ kind: 'dead-letter', cause: notAnOccurrence() })
    : next(occurrence);

const notAnOccurrence = (): MillraceError =>
  new MillraceError(ErrorCode.EventUnreadable, 'The message says nothing of a schedule', {
    remedy: 'Trigger the schedule instead of publishing to its subject',
  });

const deadSubject = ({ group, schedule }: Occurrence): string => occurrenceDeadSubject(group, schedule);

class OccurrenceDeadLetters extends DeadLetterWriter<Occurrence> {
  override write(occurrence: Occurrence, cause: Error): Promise<void> {
    return super.write(occurrence.asDeadLetter(), cause);
  }
}
