import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner } from '@nestjs/core';
import { DiscoveredProvider, discoverProviders, ErrorCode, methodsOf, MillraceError } from '@millrace/core';
import { eventParams } from './decorators/handler-params.js';
import { readSubscribeMetadata } from './decorators/subscribe.decorator.js';
import { SubscriberDefinition } from './routing/subscriber.definition.js';

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
    return discoverProviders(this.discovery).flatMap((provider) => this.exploreMethods(provider, app));
  }

  private exploreMethods(provider: DiscoveredProvider, app: string): SubscriberDefinition[] {
    const { className, instance, isStatic } = provider;
    return methodsOf(this.scanner, provider).flatMap(({ name, method }) => {
      const label = `${className}.${name}`;
      const found = readSubscribeMetadata(method);
      if (found.length > 0 && !isStatic) throw requestScoped(label);
      return found.map((subscriber) => ({
        ...subscriber,
        label,
        defaultGroup: `${app}-${className}-${name}`,
        handler: this.callThroughNest(instance, name),
      }));
    });
  }

  // Guards, pipes, interceptors and exception filters apply as on any handler; `context.getType()` is 'event'.
  private callThroughNest(instance: object, name: string): (...args: unknown[]) => unknown {
    return this.contexts.create(
      instance,
      Reflect.get(instance, name) as (...args: unknown[]) => unknown,
      name,
      eventParams.key,
      eventParams.factory,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: true },
      'event',
    );
  }
}

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
