import { Msg } from '@nats-io/transport-node';
import { Codec } from '@millrace/core';
import { decodeReply, validateReply } from '../contracts/command.codec.js';
import { CommandContract } from '../contracts/command.decorator.js';
import { CommandHeader } from '../wire/command.headers.js';
import { HttpExceptions } from '../wire/wire.error.js';
import { readError } from '../wire/wire.codec.js';

/** Reads answers: decoded, and held to the contract's reply class. */
export class ReplyReader {
  constructor(
    private readonly codec: Codec,
    private readonly http: HttpExceptions,
  ) {}

  /** @throws the error that was answered, `COMMAND_UNREADABLE` or `REPLY_INVALID`. */
  read(contract: CommandContract, message: Msg): unknown {
    const error = readError(message, this.codec, this.http);
    if (error) throw error;
    return validateReply(contract, decodeReply(contract, message.data, this.codec));
  }
}

/** Which replica answered; empty where it does not say. */
export const replicaOf = ({ headers }: Msg): string => headers?.get(CommandHeader.Replica) ?? '';
