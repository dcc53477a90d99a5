import 'reflect-metadata';
import { ClassOf } from '@millrace/core';
import { HandlerOptions } from '../handler.options.js';
import { commandParams } from './handler-params.js';

const HANDLE = Symbol.for('@millrace/commands:handle');

/** What `@HandleCommand` recorded. */
export interface HandleCommandMetadata {
  target: ClassOf<object>;
  options: HandlerOptions;
}

/**
 * Answers a command: `method(command, @Context() context)`. What it returns is the reply; an `async *` method
 * gives a streaming reply. Replicas share the commands.
 *
 * What it throws reaches the caller: Nest's HTTP exceptions, violations and `MillraceError`s as they are, anything
 * else as `COMMAND_FAILED` without its text. Guards, pipes, interceptors and exception filters apply.
 */
export const HandleCommand =
  (target: ClassOf<object>, options: HandlerOptions = {}): MethodDecorator =>
  (prototype, property, descriptor) => {
    const method: unknown = descriptor.value;
    if (typeof method !== 'function') throw new TypeError('@HandleCommand decorates methods');
    const metadata: HandleCommandMetadata[] = [...readHandleMetadata(method), { target, options }];
    Reflect.defineMetadata(HANDLE, metadata, method);
    commandParams.ensurePayload(prototype.constructor, property);
  };

/** What `@HandleCommand` recorded on a method; empty for any other. */
export const readHandleMetadata = (method: object): readonly HandleCommandMetadata[] =>
  (Reflect.getMetadata(HANDLE, method) as HandleCommandMetadata[] | undefined) ?? [];
