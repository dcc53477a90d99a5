import { MillraceConnection } from '@millrace/core';
import { decodeRecord, endOf, LeaseRecord } from './lease.record.js';
import { leaseSpace, leaseStream } from './lease.subjects.js';
import { LockFacts } from './lock.js';
import { StreamWatch, WatchedMessage } from './stream.watch.js';

/**
 * Sees every lease that the server ends. It follows the whole bucket, so one process of all should run it.
 * What expired while it did not run or was cut off for longer than markers last is not told.
 */
export class ExpiryWatch {
  private readonly held = new Map<string, { record: LeaseRecord; token: number }>();
  private readonly watch: StreamWatch;

  constructor(
    connection: MillraceConnection,
    bucket: string,
    private readonly expired: (lock: LockFacts, ttlMs: number) => void,
  ) {
    this.watch = new StreamWatch(connection, {
      stream: leaseStream(bucket),
      filter: leaseSpace(bucket),
      // What was known before stays: the marker of its end may come yet.
      sink: { begin: () => undefined, message: (message) => this.apply(message), current: () => undefined },
    });
  }

  start(): void {
    this.watch.start();
  }

  stop(): void {
    this.watch.stop();
  }

  private apply({ subject, sequence, headers, data }: WatchedMessage): void {
    const end = endOf(headers);
    if (end === undefined) {
      const record = decodeRecord(data);
      if (record.state === 'held') this.held.set(subject, { record, token: record.token ?? sequence });
      return;
    }
    const known = this.held.get(subject);
    this.held.delete(subject);
    if (!known || end !== 'expired') return;
    const { kind, name, mode, holder, ttlMs } = known.record;
    this.expired({ kind, name, mode, holder, token: known.token }, ttlMs);
  }
}
