import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner } from '@nestjs/core';
import { DiscoveredProvider, discoverProviders, ErrorCode, methodsOf, MillraceError } from '@millrace/core';
import { commandContractOf } from './contracts/command.decorator.js';
import { readHandleMetadata } from './decorators/handle-command.decorator.js';
import { commandParams } from './decorators/handler-params.js';
import { CommandHandler } from './handling/command.invoker.js';
import { HandlerDefinition } from './handling/handler.definition.js';

/** Finds the methods under `@HandleCommand` and gives them back as data. */
@Injectable()
export class CommandExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly contexts: ExternalContextCreator,
  ) {}

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
        handler: this.callThroughNest(instance, name),
      }));
    });
  }

  // Guards, pipes, interceptors and exception filters apply as on any handler; `context.getType()` is 'command'.
  private callThroughNest(instance: object, name: string): CommandHandler {
    return this.contexts.create(
      instance,
      Reflect.get(instance, name) as (...args: unknown[]) => unknown,
      name,
      commandParams.key,
      commandParams.factory,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: true },
      'command',
    );
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
