import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner, ModuleRef } from '@nestjs/core';
import {
  ClassOf,
  DiscoveredProvider,
  discoverProviders,
  ErrorCode,
  HandlerHost,
  methodsOf,
  MillraceError,
  nestHandler,
} from '@millrace/core';
import { ChangeHandler } from './changes/change.subscription.js';
import { OnChangeOptions } from './changes/change.options.js';
import { readOnChangeMetadata } from './decorators/on-change.decorator.js';

/** A change handler as plain data. */
export interface ChangeHandlerDefinition {
  target: ClassOf<object>;
  options: OnChangeOptions;
  /** `<class>-<method>`: what a group is called that has no name. */
  defaultGroup: string;
  /** As shown in errors: `Mirror.copy`. */
  label: string;
  handler: ChangeHandler;
}

/** Finds the methods under `@OnChange` and gives them back as data. */
@Injectable()
export class ChangeExplorer {
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
  explore(): ChangeHandlerDefinition[] {
    return discoverProviders(this.discovery).flatMap((provider) => this.exploreMethods(provider));
  }

  private exploreMethods(provider: DiscoveredProvider): ChangeHandlerDefinition[] {
    const { className, instance, isStatic } = provider;
    return methodsOf(this.scanner, provider).flatMap(({ name, method }) => {
      const label = `${className}.${name}`;
      const found = readOnChangeMetadata(method);
      if (found.length > 0 && !isStatic) throw requestScoped(label);
      return found.map(({ target, options }) => ({
        target,
        options,
        label,
        defaultGroup: `${className}-${name}`,
        handler: nestHandler(this.host, { instance, name, type: 'change' }),
      }));
    });
  }
}

const requestScoped = (label: string): MillraceError =>
  new MillraceError(
    ErrorCode.SubscriberRequestScoped,
    `${label} handles changes, but its class is request-scoped`,
    {
      remedy:
        "Move the handler to a class in the default scope, and resolve what needs a request's scope with ModuleRef.resolve()",
      details: { handler: label },
    },
  );
