import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner, ModuleRef } from '@nestjs/core';
import {
  DiscoveredProvider,
  discoverProviders,
  ErrorCode,
  HandlerHost,
  methodsOf,
  MillraceError,
  nestHandler,
} from '@millrace/core';
import { eventParams } from './decorators/handler-params.js';
import { readSubscribeMetadata } from './decorators/subscribe.decorator.js';
import { SubscriberDefinition } from './routing/subscriber.definition.js';

/** Finds the methods under `@Subscribe` and gives them back as data. */
@Injectable()
export class SubscriberExplorer {
  private readonly host: HandlerHost;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    contexts: ExternalContextCreator,
    moduleRef: ModuleRef,
  ) {
    this.host = { contexts, moduleRef };
  }

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
        handler: nestHandler(this.host, { instance, name, type: 'event', params: eventParams }),
      }));
    });
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
