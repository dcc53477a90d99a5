import { createHash } from 'node:crypto';
import { headers as createHeaders, MsgHdrs, nuid } from '@nats-io/transport-node';
import { assertUserHeaders, childTrace, ClassOf, HeaderName, toMillis } from '@millrace/core';
import { parentTrace } from '@millrace/delivery';
import { encodeCommand, validateCommand } from '../contracts/command.codec.js';
import { CommandContract, commandContractOf, contractOfCommand } from '../contracts/command.decorator.js';
import { Sendings } from '../calling/sendings.js';
import { CommandHeader } from '../wire/command.headers.js';
import { DispatchOptions } from './dispatch.options.js';
import { TaskHandle, TaskPorts, UNKNOWN_TASK } from './task.handle.js';
import { taskSubject } from './task.queue.js';

/** Stores commands in the work queue. */
export class TaskDispatcher {
  constructor(
    private readonly ports: TaskPorts,
    private readonly sendings: Sendings,
  ) {}

  /** Makes what dispatching needs. @throws MillraceError `PROVISION_…` */
  async provision(): Promise<void> {
    if (this.sendings.all('dispatches').length > 0) await this.ensure();
  }

  /** Resolves when the task is stored. */
  async dispatch(command: object, options: DispatchOptions = {}): Promise<TaskHandle> {
    const { connection } = this.ports;
    const contract = contractOfCommand(command);
    this.sendings.assertDeclared(contract, 'dispatches');
    const valid = await validateCommand(contract, command);
    const id = idOf(contract, options.idempotencyKey);
    await this.ensure();
    // The server recognises a repeated id for two minutes only.
    if (options.idempotencyKey !== undefined && (await this.isKnown(id))) {
      return new TaskHandle(id, contract, this.ports);
    }
    await connection.publisher.publish({
      subject: taskSubject(contract.name, options.priority ?? 'normal', id),
      payload: encodeCommand(contract, valid, connection.codec),
      headers: this.headers(id, options),
    });
    return new TaskHandle(id, contract, this.ports, true);
  }

  handle(id: string, target?: ClassOf<object>): TaskHandle {
    return new TaskHandle(id, target ? commandContractOf(target) : UNKNOWN_TASK, this.ports);
  }

  private async ensure(): Promise<void> {
    const { queue, records } = this.ports;
    await Promise.all([queue.ensure(), records.ensure()]);
  }

  private async isKnown(id: string): Promise<boolean> {
    const { records, queue } = this.ports;
    return (await queue.holds(id)) || (await records.result(id)) !== undefined;
  }

  private headers(id: string, { headers, keepResult }: DispatchOptions): MsgHdrs {
    if (headers) assertUserHeaders(headers);
    const made = createHeaders();
    if (headers) for (const [name, value] of Object.entries(headers)) made.set(name, value);
    made.set(HeaderName.TraceParent, childTrace(headers?.[HeaderName.TraceParent] ?? parentTrace()));
    made.set(HeaderName.MessageId, `task:${id}`);
    if (keepResult !== undefined) {
      made.set(CommandHeader.KeepResult, String(toMillis(keepResult, 'keepResult')));
    }
    return made;
  }
}

const idOf = ({ type }: CommandContract, key: string | undefined): string =>
  key === undefined ? nuid.next() : createHash('sha256').update(`${type}\n${key}`).digest('base64url');
