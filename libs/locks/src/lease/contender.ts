import { delay, ErrorCode, MillraceError, PublishError } from '@millrace/core';
import { AcquireRequest } from './acquire.request.js';
import { judge, Verdict } from './admission.js';
import { ContenderRecord, RecordParts, WRITE_DEADLINE_MS } from './contender.record.js';
import { Grant } from './lease.js';
import { HolderInfo, lockTimeout } from './lease.errors.js';
import { ResourceView, ResourceViews } from './resource.view.js';

export interface ContenderParts extends RecordParts {
  readonly views: ResourceViews;
}

/** How long a free resource is left to those ahead in line, for each of them. */
export const PASS_AFTER_MS = 500;
/** How long to wait for the news that a refused write has told of. */
const NEWS_MS = 100;
const RETRY_MS = 100;

/** One attempt to acquire a resource: at once where it is free and nobody waits, else in line. */
export class Contender {
  private readonly own: ContenderRecord;
  private readonly beganAt: number;
  private roomSince: number | undefined;
  private ahead = 0;
  /** Whether what the view tells is no older than this attempt: one that does not wait gives up on no less. */
  private sawPresent = false;
  private trouble: unknown;

  constructor(
    private readonly parts: ContenderParts,
    private readonly request: AcquireRequest,
  ) {
    this.own = new ContenderRecord(parts, request);
    this.beganAt = parts.clock.monotonic();
  }

  get waitedMs(): number {
    return this.parts.clock.monotonic() - this.beganAt;
  }

  /**
   * The grant; `undefined` where it is not free and the request does not wait.
   * @throws MillraceError `LOCK_TIMEOUT`; PublishError; the signal's reason.
   */
  async acquire(): Promise<Grant | undefined> {
    const { key } = this.own;
    const { views, left } = this.parts;
    this.request.signal?.throwIfAborted();
    if (!views.peek(key)) {
      // Succeeds only where nobody has been since this process left, or no traces are left of anybody.
      const expected = left.takeVacancy(key);
      const grant = await this.persist(() => this.own.take(expected, true));
      if (grant) return grant;
      this.sawPresent = true;
    }
    const view = views.take(key);
    try {
      return await this.contend(view);
    } finally {
      if (this.own.place) this.own.withdraw();
      views.giveBack(key);
    }
  }

  private async contend(view: ResourceView): Promise<Grant | undefined> {
    for (;;) {
      this.request.signal?.throwIfAborted();
      const step = await this.persist(() => this.step(view));
      if (step === 'give-up') return undefined;
      if (step) return step;
      if (this.leftMs() <= 0) throw this.timeout(view);
    }
  }

  private async step(view: ResourceView): Promise<Grant | 'give-up' | undefined> {
    if (!view.isReady) {
      await this.pause(view);
      return undefined;
    }
    const { own } = this;
    if (own.place && !view.has(own.id)) own.leaveLine();
    const verdict = judge(view.records, own.claim);
    if (this.mayTake(verdict)) return this.takeAt(view, view.lastSequence);
    if (this.request.waitMs === undefined) {
      if (this.sawPresent) return 'give-up';
      this.sawPresent = await view.catchUp();
      if (!this.sawPresent) await delay(RETRY_MS, this.request.signal);
      return undefined;
    }
    const { place } = own;
    if (!place) {
      const entered = await own.enterLine();
      if (entered !== undefined) view.expect(entered);
    } else if (this.parts.clock.monotonic() >= place.renewAt) {
      await own.renewPlace(place);
    } else {
      if (this.parts.clock.monotonic() >= view.overdueAt) view.refresh();
      await this.pause(view);
    }
    return undefined;
  }

  private mayTake(verdict: Verdict): boolean {
    const now = this.parts.clock.monotonic();
    this.ahead = verdict.kind === 'take' ? 0 : verdict.ahead;
    this.roomSince = verdict.kind === 'wait' ? undefined : (this.roomSince ?? now);
    return verdict.kind === 'take' || (this.own.place !== undefined && now >= this.passAt);
  }

  /** When those ahead have had their time. */
  private get passAt(): number {
    const { roomSince = Number.POSITIVE_INFINITY } = this;
    return roomSince + this.ahead * PASS_AFTER_MS;
  }

  private async takeAt(view: ResourceView, sequence: number): Promise<Grant | undefined> {
    const alone = [...view.records].every(({ id }) => id === this.own.id);
    const grant = await this.own.take(sequence, alone);
    if (grant) return grant;
    const stale = (): boolean => view.isReady && view.lastSequence === sequence;
    if (stale()) await this.waitFor(view, this.parts.clock.monotonic() + NEWS_MS, () => !stale());
    // No news: what was taken for the newest has vanished.
    if (stale()) view.refresh();
    return undefined;
  }

  private leftMs(): number {
    return (this.request.waitMs ?? WRITE_DEADLINE_MS) - this.waitedMs;
  }

  /** Tries again what the server did not answer, as long as the request waits. */
  private async persist<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || this.request.waitMs === undefined) throw error;
      this.trouble = error;
      await delay(Math.min(RETRY_MS, Math.max(0, this.leftMs())), this.request.signal);
      return undefined;
    }
  }

  private pause(view: ResourceView): Promise<void> {
    const renewAt = this.own.place?.renewAt ?? Number.POSITIVE_INFINITY;
    const deadline = this.parts.clock.monotonic() + this.leftMs();
    return this.waitFor(view, Math.min(renewAt, this.passAt, view.overdueAt, deadline), () => true);
  }

  /** Until a change satisfies `enough`, the time has come, or the request is given up. */
  private waitFor(view: ResourceView, until: number, enough: () => boolean): Promise<void> {
    const { clock } = this.parts;
    const { signal } = this.request;
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        forget();
        timer.cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const forget = view.onChange(() => {
        if (enough()) done();
      });
      const timer = clock.after(Math.max(0, until - clock.monotonic()), done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  private timeout(view: ResourceView): MillraceError {
    const now = this.parts.clock.now();
    const holders: HolderInfo[] = [];
    for (const { record, sequence } of view.records) {
      if (record.state !== 'held') continue;
      const { holder, since } = record;
      holders.push({ holder, token: record.token ?? sequence, ageMs: Math.max(0, now - since) });
    }
    const { resource } = this.request;
    const { waitedMs, ahead, trouble: cause } = this;
    return lockTimeout({ resource, waitedMs, answered: view.isReady, holders, ahead, cause });
  }
}

/** "JetStream system temporarily unavailable". */
const TEMPORARILY_UNAVAILABLE = 10008;

/** Whether the server is away, or elects a leader: it may answer later. */
const isPassing = (error: unknown): boolean =>
  error instanceof PublishError &&
  (error.code === ErrorCode.PublishTimeout ||
    error.code === ErrorCode.PublishNoStream ||
    error.serverCode === TEMPORARILY_UNAVAILABLE);
