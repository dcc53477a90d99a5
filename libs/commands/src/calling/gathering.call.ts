import { Msg } from '@nats-io/transport-node';
import { toError } from '@millrace/core';
import { Call, CallPorts } from './call.js';
import { Outgoing } from './outgoing.js';
import { replicaOf, ReplyReader } from './reply.reader.js';

/** What one replica answered. */
export type ScatterAnswer<R> =
  | { readonly kind: 'reply'; readonly replica: string; readonly reply: R }
  | { readonly kind: 'error'; readonly replica: string; readonly error: Error };

/** A request to every replica: complete when its time is up, or `max` have answered. */
export class GatheringCall extends Call {
  readonly result: Promise<ScatterAnswer<unknown>[]>;
  private readonly answers: Promise<ScatterAnswer<unknown>>[] = [];
  private resolve!: (answers: Promise<ScatterAnswer<unknown>[]>) => void;
  private reject!: (error: unknown) => void;

  constructor(
    ports: CallPorts,
    outgoing: Outgoing,
    private readonly own: { reader: ReplyReader; max: number },
  ) {
    super(ports, outgoing, outgoing.contract.subjects.all);
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  protected answered(message: Msg): void {
    this.answers.push(this.read(message));
    if (this.answers.length >= this.own.max) this.complete();
  }

  protected override expired(): void {
    this.complete();
  }

  protected failed(error: Error): void {
    this.reject(error);
  }

  private complete(): void {
    this.release();
    this.resolve(Promise.all(this.answers));
  }

  private async read(message: Msg): Promise<ScatterAnswer<unknown>> {
    const replica = replicaOf(message);
    try {
      return { kind: 'reply', replica, reply: await this.own.reader.read(this.outgoing.contract, message) };
    } catch (error) {
      return { kind: 'error', replica, error: toError(error) };
    }
  }
}
