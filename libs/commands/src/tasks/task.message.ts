import { Msg } from '@nats-io/transport-node';
import { Delivery, Lease } from '@millrace/delivery';
import { CommandHeader } from '../wire/command.headers.js';
import { taskIdOf } from './task.queue.js';

/** One delivery of a dispatched command. */
export class TaskMessage extends Delivery {
  readonly id: string;
  /** The command, once it has been read. */
  command: object = {};
  /** The reply's body, once the handler has given it. */
  reply: Uint8Array | undefined;
  private cancelledBy: Error | undefined;

  constructor(message: Msg, group: string, lease: Lease) {
    super(message, group, lease);
    this.id = taskIdOf(message.subject);
  }

  /** How long its result is kept; `undefined` where the dispatcher did not say. */
  get keepMs(): number | undefined {
    const keepMs = Number(this.headers[CommandHeader.KeepResult]);
    return keepMs > 0 ? keepMs : undefined;
  }

  get isCancelled(): boolean {
    return this.cancelledBy !== undefined;
  }

  /** Its dispatcher wants it no more. */
  cancel(reason: Error): void {
    this.cancelledBy = reason;
    this.abort(reason);
  }
}
