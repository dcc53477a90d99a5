import type { ExternalContextCreator, ModuleRef } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { whenReady } from '../async/when-ready.js';
import { hasEnhancers } from './enhancers.js';
import { HandlerParam, HandlerParams } from './handler-params.js';

type Method = (...args: unknown[]) => unknown;

/** A method that handles something, and how it is called. */
export interface HandlingMethod {
  readonly instance: object;
  readonly name: string;
  /** What `ExecutionContext.getType()` says. */
  readonly type: string;
  /** Which arguments its parameters get. Without it: those of the call. */
  readonly params?: HandlerParams;
}

/** What Nest makes handlers with. */
export interface HandlerHost {
  readonly contexts: ExternalContextCreator;
  readonly moduleRef: ModuleRef;
}

/**
 * A method as an ordinary handler of Nest's: guards, pipes, interceptors and exception filters apply to it. Where
 * there are none it is called directly, and what it throws at once is thrown at once: Nest would go through ten
 * promises to find out for each call.
 */
export const nestHandler = (host: HandlerHost, handling: HandlingMethod): Method => {
  const { instance, name } = handling;
  const method = Reflect.get(instance, name) as Method;
  return hasEnhancers(host.moduleRef, instance.constructor, method)
    ? callThroughNest(host.contexts, handling, method)
    : callDirectly(handling, method);
};

const callThroughNest = (
  contexts: ExternalContextCreator,
  { instance, name, type, params }: HandlingMethod,
  method: Method,
): Method =>
  contexts.create(
    instance,
    method,
    name,
    params?.key,
    params?.factory,
    undefined,
    undefined,
    { guards: true, interceptors: true, filters: true },
    type,
  );

// Spelled out for what nearly all handlers look like: `(payload)` and `(payload, context)`.
const callDirectly = ({ instance, name, params }: HandlingMethod, method: Method): Method => {
  const kinds = params?.kindsOf(instance.constructor, name) ?? [];
  const isPayload = kinds[0] === HandlerParam.Payload;
  if (isPayload && kinds.length === 1) return (payload) => whenReady(method.call(instance, payload), lastOf);
  if (isPayload && kinds.length === 2 && kinds[1] === HandlerParam.Context) {
    return (payload, context) => whenReady(method.call(instance, payload, context), lastOf);
  }
  // Nest passes the arguments on as they are where no parameter says what it wants.
  const wanted = (given: readonly unknown[]): readonly unknown[] =>
    kinds.length === 0 ? given : kinds.map((kind) => (kind === undefined ? undefined : given[kind]));
  return (...given) => whenReady(method.apply(instance, [...wanted(given)]), lastOf);
};

const lastOf = (result: unknown): unknown => (isObservable(result) ? lastValueOf(result) : result);

// As rxjs tells them. It is loaded where there is one.
const isObservable = (value: unknown): value is Observable<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { lift?: unknown }).lift === 'function' &&
  typeof (value as { subscribe?: unknown }).subscribe === 'function';

const lastValueOf = async (values: Observable<unknown>): Promise<unknown> =>
  (await import('rxjs')).lastValueFrom(values);
