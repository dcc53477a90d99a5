import { randomUUID } from 'node:crypto';
import { headers as createHeaders } from '@nats-io/transport-node';
import { assertNever, errorMessage, HeaderName, MillraceConnection } from '@millrace/core';
import { Middleware, Outcome } from '@millrace/delivery';
import { outcomeSubject } from '../keeping/occurrence.stream.js';
import { Occurrence } from './occurrence.js';
import { OutcomeKind, OutcomeRecord } from './outcome.js';

/** Stores what becomes of occurrences. The work does not wait for it, and does not fail with it. */
export class OutcomeRecorder {
  constructor(private readonly connection: MillraceConnection) {}

  /** Records each attempt. */
  readonly middleware: Middleware<Occurrence> = (next) => async (occurrence) => {
    const began = this.connection.clock.monotonic();
    const outcome = await next(occurrence);
    const durationMs = Math.round(this.connection.clock.monotonic() - began);
    this.record(occurrence, {
      outcome: kindOf(outcome),
      durationMs,
      ...(outcome.kind === 'ack' ? {} : { error: errorMessage(outcome.cause) }),
    });
    return outcome;
  };

  record(occurrence: Occurrence, told: Pick<OutcomeRecord, 'outcome' | 'durationMs' | 'error'>): void {
    const { clock, codec, publisher, log } = this.connection;
    const { id, attempt, group, schedule } = occurrence;
    const endedAt = new Date(clock.now()).toISOString();
    const record: OutcomeRecord = { occurrence: id, attempt, group, endedAt, ...told };
    const headers = createHeaders();
    headers.set(HeaderName.MessageId, randomUUID());
    publisher
      .publish({ subject: outcomeSubject(schedule), payload: codec.encode(record), headers })
      .catch((error: unknown) => log.debug(`The outcome of ${id} was not stored: ${errorMessage(error)}`));
  }
}

const kindOf = (outcome: Outcome): OutcomeKind => {
  switch (outcome.kind) {
    case 'ack':
      return 'done';
    case 'retry':
      return 'retrying';
    case 'dead-letter':
      return 'dead-lettered';
    default:
      return assertNever(outcome);
  }
};
