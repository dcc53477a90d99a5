import { errorMessage, MillraceConnection, TimerHandle, toMillis, toServerSeconds } from '@millrace/core';
import { SeenRecord } from './admission.js';
import { decodeRecord, endOf } from './lease.record.js';
import { leaseStream, parseRecordSubject, resourceFilter } from './lease.subjects.js';
import { StreamWatch, WatchedMessage } from './stream.watch.js';

/** A record that should have been renewed or have expired this long ago is looked at anew. */
const OVERDUE_MS = 2000;

interface HeardRecord extends SeenRecord {
  readonly storedAtMs: number;
  /** When it should be gone unless it is renewed, by the local monotonic clock. */
  readonly overdueAt: number;
}

/** One resource as the server tells it: who holds it, who waits, and the newest sequence of it all. */
export class ResourceView {
  private readonly byId = new Map<string, HeardRecord>();
  private readonly listeners = new Set<() => void>();
  private readonly watch: StreamWatch;
  private newest = 0;
  private floor = 0;
  private current = false;
  private readonly filter: string;

  constructor(
    private readonly connection: MillraceConnection,
    private readonly bucket: string,
    key: string,
  ) {
    this.filter = resourceFilter(bucket, key);
    this.watch = new StreamWatch(connection, {
      stream: leaseStream(bucket),
      filter: this.filter,
      sink: {
        begin: () => this.begin(),
        message: (message) => this.apply(message),
        current: () => {
          this.current = true;
          this.notify();
        },
      },
    });
    this.watch.start();
  }

  /** Whether all that this process knows to be there has been told. */
  get isReady(): boolean {
    return this.current && this.newest >= this.floor;
  }

  get records(): Iterable<HeardRecord> {
    return this.byId.values();
  }

  /** The sequence of the newest message; 0 where there is none. What a write to the resource must expect. */
  get lastSequence(): number {
    return this.newest;
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** The server has confirmed a write under this sequence: what is decided must take it into account. */
  expect(sequence: number): void {
    this.floor = Math.max(this.floor, sequence);
  }

  /** Calls `listener` whenever something has changed. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /**
   * Is not ready until all has been told here that the server has now: news travels behind the answer to the
   * write that made it. False where the server did not say.
   */
  async catchUp(): Promise<boolean> {
    const { jsm, log } = this.connection;
    try {
      const newest = await jsm.streams.getMessage(leaseStream(this.bucket), { last_by_subj: this.filter });
      this.expect(newest?.seq ?? 0);
      return true;
    } catch (error) {
      log.debug(`Locks: ${this.filter} cannot be read: ${errorMessage(error)}`);
      return false;
    }
  }

  /** When a record will be overdue whose end was never told. Monotonic milliseconds. */
  get overdueAt(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { overdueAt } of this.byId.values()) earliest = Math.min(earliest, overdueAt);
    return earliest;
  }

  /** Asks the server again for all of it. */
  refresh(): void {
    this.watch.restart();
  }

  stop(): void {
    this.watch.stop();
  }

  private begin(): void {
    this.byId.clear();
    this.newest = 0;
    // Its message may be a marker that has vanished since.
    this.floor = 0;
    this.current = false;
  }

  private apply({ subject, sequence, headers, data, storedAtMs }: WatchedMessage): void {
    this.newest = Math.max(this.newest, sequence);
    const id = parseRecordSubject(this.bucket, subject)?.id;
    if (id === undefined) return;
    if (endOf(headers) === undefined) {
      const record = decodeRecord(data);
      const ttlMs = toMillis(toServerSeconds(record.ttlMs) as `${number}s`);
      const overdueAt = this.connection.clock.monotonic() + ttlMs + OVERDUE_MS;
      this.byId.set(id, { id, sequence, record, storedAtMs, overdueAt });
    } else {
      this.byId.delete(id);
    }
    if (this.current) this.notify();
  }

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}

/** For those who come back at once. */
const LINGER_MS = 2000;

interface OpenView {
  readonly view: ResourceView;
  users: number;
  closing: TimerHandle | undefined;
}

/** The views of the resources that this process waits for, one each however many wait. */
export class ResourceViews {
  private readonly open = new Map<string, OpenView>();

  constructor(
    private readonly connection: MillraceConnection,
    private readonly bucket: string,
  ) {}

  /** The view, where somebody uses it or has just done so. */
  peek(key: string): ResourceView | undefined {
    return this.open.get(key)?.view;
  }

  /** Give it back with {@link giveBack}. */
  take(key: string): ResourceView {
    let entry = this.open.get(key);
    if (!entry) {
      entry = { view: new ResourceView(this.connection, this.bucket, key), users: 0, closing: undefined };
      this.open.set(key, entry);
    }
    entry.users++;
    entry.closing?.cancel();
    entry.closing = undefined;
    return entry.view;
  }

  giveBack(key: string): void {
    const entry = this.open.get(key);
    if (!entry || --entry.users > 0) return;
    entry.closing = this.connection.clock.after(LINGER_MS, () => {
      this.open.delete(key);
      entry.view.stop();
    });
  }

  stop(): void {
    for (const { view, closing } of this.open.values()) {
      closing?.cancel();
      view.stop();
    }
    this.open.clear();
  }
}
