import { Msg } from '@nats-io/transport-node';
import { Call, CallPorts } from './call.js';
import { Outgoing } from './outgoing.js';
import { ReplyReader } from './reply.reader.js';

/** A request for one answer. */
export class UnaryCall extends Call {
  readonly result: Promise<unknown>;
  private resolve!: (reply: unknown) => void;
  private reject!: (error: unknown) => void;

  constructor(
    ports: CallPorts,
    outgoing: Outgoing,
    private readonly reader: ReplyReader,
  ) {
    super(ports, outgoing, outgoing.contract.subjects.one);
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  protected answered(message: Msg): void {
    this.release();
    try {
      this.resolve(this.reader.read(this.outgoing.contract, message));
    } catch (error) {
      this.reject(error);
    }
  }

  protected failed(error: Error): void {
    this.reject(error);
  }
}
