import 'reflect-metadata';
import { EventName, parseEventName } from '../subjects/event-subject.js';
import { configInvalid, MillraceError } from '../errors/millrace.error.js';
import { ErrorCode } from '../errors/error-codes.js';

const EVENT = Symbol.for('@millrace/core:event');

/** A class that can be constructed by the framework, with whatever arguments its author likes. */
export type ClassOf<T extends object> = abstract new (...args: never[]) => T;

export interface EventOptions<K extends string = string> {
  /** Counts up when a change breaks readers of the event. Default 1. */
  version?: number;
  /** The property whose value is the event's key: what events are ordered and partitioned by. */
  key?: K;
}

/** What `@Event` recorded. */
export interface EventContract {
  readonly type: string;
  readonly name: EventName;
  readonly version: number;
  readonly key: string | undefined;
  readonly target: ClassOf<object>;
}

/**
 * Declares a class-validator class as an event contract.
 *
 * @param type `<context>.<event>`, as in `order.paid`: the subject is `events.order.paid.<key>`.
 * @throws `CONFIG_INVALID` for a malformed name or version.
 */
export const Event =
  <K extends string = never>(type: string, options: EventOptions<K> = {}) =>
  (target: ClassOf<{ [P in K]: string | number }>): void => {
    const version = options.version ?? 1;
    if (!Number.isSafeInteger(version) || version < 1) {
      throw configInvalid(`@Event('${type}'): version ${version} is not a version`, 'Use 1, 2, 3, …');
    }
    const contract: EventContract = { type, name: parseEventName(type), version, key: options.key, target };
    Reflect.defineMetadata(EVENT, contract, target);
  };

/** What `@Event` recorded on exactly this class; `undefined` for any other class. */
export const findEventContract = (target: ClassOf<object>): EventContract | undefined =>
  Reflect.getOwnMetadata(EVENT, target) as EventContract | undefined;

/** @throws `CONTRACT_UNKNOWN` for a class without `@Event`. */
export const eventContractOf = (target: ClassOf<object>): EventContract => {
  const contract = findEventContract(target);
  if (contract) return contract;
  throw new MillraceError(ErrorCode.ContractUnknown, `${target.name || 'This class'} is not an event`, {
    remedy: "Decorate the class with @Event('<context>.<event>')",
    details: { class: target.name },
  });
};

/** The key of an event; `undefined` where its contract declares none. @throws `CONFIG_INVALID` where it is not text. */
export const eventKeyOf = (contract: EventContract, event: object): string | undefined => {
  if (contract.key === undefined) return undefined;
  const key: unknown = Reflect.get(event, contract.key);
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && Number.isFinite(key)) return String(key);
  throw configInvalid(
    `${contract.type}: its key '${contract.key}' is ${key === null ? 'null' : typeof key}`,
    'Set the key to a string or a number, or pass { key } when publishing',
  );
};
