import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner } from '@nestjs/core';
import { ErrorCode, MillraceError } from '@millrace/core';
import { handlerParamsFactory, HANDLER_PARAMS } from './decorators/handler-params.js';
import { readSubscribeMetadata } from './decorators/subscribe.decorator.js';
import { EventHandler, SubscriberDefinition } from './routing/event.router.js';

type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the methods under `@Subscribe` and gives them back as data. */
@Injectable()
export class SubscriberExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly contexts: ExternalContextCreator,
  ) {}

  /** @throws MillraceError `SUBSCRIBER_REQUEST_SCOPED` */
  explore(app: string): SubscriberDefinition[] {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const seen = new Set<object>();
    return wrappers.flatMap((wrapper) => {
      const prototype = prototypeOf(wrapper);
      // One instance may stand under several tokens; its subscribers are its own.
      if (!prototype || (wrapper.isDependencyTreeStatic() && seen.has(wrapper.instance as object))) return [];
      if (wrapper.isDependencyTreeStatic()) seen.add(wrapper.instance as object);
      return this.exploreMethods(wrapper, prototype, app);
    });
  }

  private exploreMethods(wrapper: ProviderWrapper, prototype: object, app: string): SubscriberDefinition[] {
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      if (typeof method !== 'function') return [];
      const label = `${prototype.constructor.name}.${name}`;
      const found = readSubscribeMetadata(method);
      if (found.length > 0 && !wrapper.isDependencyTreeStatic()) throw requestScoped(label);
      return found.map(({ target, options }) => ({
        target,
        options,
        label,
        defaultGroup: `${app}-${prototype.constructor.name}-${name}`,
        handler: this.callThroughNest(wrapper.instance as Record<string, unknown>, name),
      }));
    });
  }

  // Guards, pipes, interceptors and exception filters apply as on any handler; `context.getType()` is 'event'.
  private callThroughNest(instance: Record<string, unknown>, name: string): EventHandler {
    return this.contexts.create(
      instance,
      Reflect.get(instance, name) as (...args: unknown[]) => unknown,
      name,
      HANDLER_PARAMS,
      handlerParamsFactory,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: true },
      'event',
    );
  }
}

const prototypeOf = ({ instance, metatype }: ProviderWrapper): object | undefined => {
  if (typeof instance === 'object' && instance !== null) {
    const prototype: unknown = Object.getPrototypeOf(instance);
    return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
  }
  // A request-scoped class has no instance yet, only its class.
  const fromClass: unknown = typeof metatype === 'function' ? metatype.prototype : undefined;
  return typeof fromClass === 'object' && fromClass !== null ? fromClass : undefined;
};

const requestScoped = (label: string): MillraceError =>
  new MillraceError(
    ErrorCode.SubscriberRequestScoped,
    `${label} subscribes, but its class is request-scoped`,
    {
      remedy:
        "Move the subscriber to a class in the default scope, and resolve what needs a request's scope with ModuleRef.resolve()",
      details: { subscriber: label },
    },
  );
