import {
  ClassOf,
  Codec,
  ContractViolationError,
  errorMessage,
  ErrorCode,
  isProtected,
  MillraceError,
  openFields,
  sealFields,
  toValidInstance,
} from '@millrace/core';
import { CommandContract } from './command.decorator.js';

/** What is needed to read a reply. */
export type ReplyContract = Pick<CommandContract, 'type' | 'reply'>;

type Part = 'command' | 'reply';

const EMPTY = new Uint8Array();

/** Validates a command. @throws ContractViolationError `COMMAND_INVALID` */
export const validateCommand = (contract: CommandContract, value: unknown): object | Promise<object> =>
  toValidInstance(contract.target, value, { code: ErrorCode.CommandInvalid, name: contract.type });

/** Validates a reply where the contract declares a class. @throws ContractViolationError `REPLY_INVALID` */
export const validateReply = ({ type, reply }: ReplyContract, value: unknown): unknown =>
  reply
    ? toValidInstance(reply, value, { code: ErrorCode.ReplyInvalid, name: `The reply to ${type}` })
    : value;

/** @throws ContractViolationError `COMMAND_INVALID` for what the codec cannot write. */
export const encodeCommand = (contract: CommandContract, command: object, codec: Codec): Uint8Array =>
  encode(codec, { part: 'command', target: contract.target, type: contract.type, value: command });

/** Nothing is written for `undefined`. @throws ContractViolationError `REPLY_INVALID` */
export const encodeReply = ({ type, reply }: CommandContract, value: unknown, codec: Codec): Uint8Array =>
  value === undefined ? EMPTY : encode(codec, { part: 'reply', target: reply, type, value });

/** @throws MillraceError `COMMAND_UNREADABLE`, `KEY_UNKNOWN` */
export const decodeCommand = ({ type, target }: CommandContract, body: Uint8Array, codec: Codec): unknown =>
  decode(codec, { part: 'command', target, type, body });

/** @throws MillraceError `COMMAND_UNREADABLE`, `KEY_UNKNOWN` */
export const decodeReply = ({ type, reply }: ReplyContract, body: Uint8Array, codec: Codec): unknown =>
  body.length === 0 ? undefined : decode(codec, { part: 'reply', target: reply, type, body });

interface Place {
  part: Part;
  type: string;
  /** Whose properties may be under `@Encrypted`. */
  target: ClassOf<object> | undefined;
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null;

const encode = (codec: Codec, { part, target, type, value }: Place & { value: unknown }): Uint8Array => {
  try {
    if (!target || !isRecord(value)) return codec.encode(value);
    return codec.encode(
      sealFields(codec, { target, value, place: { kind: part, name: type, key: undefined } }),
    );
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const reason = target && isProtected(target) ? '' : ` (${errorMessage(error)})`;
    const message = `cannot be written as ${codec.contentType}${reason}`;
    throw new ContractViolationError(
      part === 'command' ? ErrorCode.CommandInvalid : ErrorCode.ReplyInvalid,
      type,
      [{ path: '', constraint: 'isEncodable', message }],
    );
  }
};

const decode = (codec: Codec, { part, target, type, body }: Place & { body: Uint8Array }): unknown => {
  let value: unknown;
  try {
    value = codec.decode(body);
  } catch (cause) {
    throw new MillraceError(ErrorCode.CommandUnreadable, `The ${part} ${type} is not ${codec.contentType}`, {
      remedy: `Send a body that can be read as ${codec.contentType}`,
      details: { type, bytes: body.length },
      cause,
    });
  }
  return target && isRecord(value)
    ? openFields(codec, { target, value, place: { kind: part, name: type, key: undefined } })
    : value;
};
