import { Msg } from '@nats-io/transport-node';
import { Clock, decodeAttribute, HeaderMap, plainHeader, plainHeadersOf, readHeaders } from '@millrace/core';
import { CommandContract } from '../contracts/command.decorator.js';
import { CommandContext } from '../handling/command.context.js';
import { CommandHeader } from '../wire/command.headers.js';
import { timedOut } from '../wire/command.errors.js';

/** A request as its handler sees it. Most handlers ask for nothing of it: all is computed when asked for. */
export class RequestContext extends CommandContext {
  readonly kind = 'request';
  readonly attempt = 1;
  /** Until when by the monotonic clock. */
  readonly deadline: number;
  readonly startedAt: number;
  private readonly timeoutMs: number;
  private controller: AbortController | undefined;
  private abortReason: Error | undefined;
  private headerMap: HeaderMap | undefined;
  /** All headers in one text; `null` where only the client can read them. */
  private plain: string | null | undefined;

  constructor(
    readonly message: Msg,
    private readonly contract: CommandContract,
    private readonly clock: Clock,
  ) {
    super();
    const left = Number(this.header(CommandHeader.Timeout));
    const isStream = this.credits > 0;
    // Whoever does not say how long it waits is taken to wait for as long as the contract says.
    this.timeoutMs = left > 0 ? left : isStream ? Infinity : contract.timeoutMs;
    this.startedAt = clock.monotonic();
    this.deadline = this.startedAt + this.timeoutMs;
  }

  get type(): string {
    return this.contract.type;
  }

  /** @throws MillraceError for headers of another client that are against the rules. */
  get headers(): HeaderMap {
    return (this.headerMap ??= readHeaders(this.message.headers));
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.abortReason) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  get remainingMs(): number {
    return this.deadline - this.clock.monotonic();
  }

  get idempotencyKey(): string | undefined {
    const key = this.header(CommandHeader.IdempotencyKey);
    return key ? decodeAttribute(key) : undefined;
  }

  /** How many items the caller takes for a start; 0 for one that wants one reply. */
  get credits(): number {
    const credits = Number(this.header(CommandHeader.Credits));
    return Number.isSafeInteger(credits) && credits > 0 ? credits : 0;
  }

  get isAborted(): boolean {
    return this.abortReason !== undefined;
  }

  progress(): void {
    // Nobody follows a request: its caller waits for the answer.
  }

  /** Tells the handler to stop. */
  abort(reason: Error): void {
    if (this.abortReason) return;
    this.abortReason = reason;
    this.controller?.abort(reason);
  }

  /** Aborts where the time is up. */
  expire(now: number): void {
    if (now >= this.deadline) this.abort(timedOut(this.type, this.timeoutMs));
  }

  // Of each request three are asked for, and most have none of them: no map is made of them all for that.
  private header(name: string): string | undefined {
    if (this.plain === undefined) this.plain = plainHeadersOf(this.message) ?? null;
    return this.plain === null ? this.message.headers?.get(name) : plainHeader(this.plain, name);
  }
}
