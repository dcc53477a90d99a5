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
import { commandContractOf } from './contracts/command.decorator.js';
import { readHandleMetadata } from './decorators/handle-command.decorator.js';
import { commandParams } from './decorators/handler-params.js';
import { HandlerDefinition } from './handling/handler.definition.js';

/** Finds the methods under `@HandleCommand` and gives them back as data. */
@Injectable()
export class CommandExplorer {
  private readonly host: HandlerHost;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    contexts: ExternalContextCreator,
    moduleRef: ModuleRef,
  ) {
    this.host = { contexts, moduleRef };
  }

  /** @throws MillraceError `SUBSCRIBER_REQUEST_SCOPED`, `CONTRACT_UNKNOWN` */
  explore(): HandlerDefinition[] {
    return discoverProviders(this.discovery).flatMap((provider) => this.exploreMethods(provider));
  }

  private exploreMethods(provider: DiscoveredProvider): HandlerDefinition[] {
    const { className, instance, isStatic } = provider;
    return methodsOf(this.scanner, provider).flatMap(({ name, method }) => {
      const label = `${className}.${name}`;
      const found = readHandleMetadata(method);
      if (found.length > 0 && !isStatic) throw requestScoped(label);
      return found.map(({ target, options }) => ({
        contract: commandContractOf(target),
        options,
        label,
        handler: nestHandler(this.host, { instance, name, type: 'command', params: commandParams }),
      }));
    });
  }
}

const requestScoped = (label: string): MillraceError =>
  new MillraceError(
    ErrorCode.SubscriberRequestScoped,
    `${label} handles commands, but its class is request-scoped`,
    {
      remedy:
        "Move the handler to a class in the default scope, and resolve what needs a request's scope with ModuleRef.resolve()",
      details: { handler: label },
    },
  );
