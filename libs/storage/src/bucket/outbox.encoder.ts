import {
  encodeEvent,
  encodeKey,
  ErrorCode,
  EventContract,
  EventEncoderPorts,
  MillraceError,
  NO_KEY,
  validateEvent,
} from '@millrace/core';
import { parentTrace } from '@millrace/delivery';
import { BucketDefinition } from './bucket.definition.js';
import { outboxSubject } from './bucket.subjects.js';
import { WireMessage } from './wire.message.js';

/** Turns events into entries of a bucket's outbox. */
export class OutboxEncoder {
  private readonly byClass: ReadonlyMap<unknown, EventContract>;

  constructor(
    private readonly definition: BucketDefinition,
    contracts: readonly EventContract[],
    private readonly ports: EventEncoderPorts,
  ) {
    this.byClass = new Map(contracts.map((contract) => [contract.target, contract]));
  }

  /**
   * @throws ContractViolationError `EVENT_INVALID`; MillraceError `CONTRACT_UNKNOWN` for an event that the
   * bucket does not declare, and so no stream would take.
   */
  async encode(event: object): Promise<WireMessage> {
    const contract = this.byClass.get(event.constructor);
    if (!contract) throw this.undeclared(event);
    const valid = await validateEvent(contract, event);
    const options = { parentTrace: parentTrace() };
    // No Nats-TTL: the server would copy it to the relayed event, and expire that.
    const { payload, headers, messageId, key } = encodeEvent(contract, valid, options, this.ports);
    const subject = outboxSubject({
      bucket: this.definition.name,
      name: contract.name,
      keyToken: key === undefined ? NO_KEY : encodeKey(key),
      unique: messageId,
    });
    return { subject, payload, headers, messageId };
  }

  private undeclared(event: object): MillraceError {
    const { name } = this.definition;
    const className = event.constructor?.name ?? 'Object';
    return new MillraceError(
      ErrorCode.ContractUnknown,
      `Bucket '${name}' does not declare the event ${className}`,
      {
        remedy: `Add it: @Bucket('${name}', { events: [${className}] })`,
        details: { bucket: name, class: className },
      },
    );
  }
}
