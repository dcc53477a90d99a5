import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator, MetadataScanner } from '@nestjs/core';
import { ClassOf, ErrorCode, MillraceError } from '@millrace/core';
import { ChangeHandler } from './changes/change.subscription.js';
import { OnChangeOptions } from './changes/change.options.js';
import { readOnChangeMetadata } from './decorators/on-change.decorator.js';

type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

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
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly contexts: ExternalContextCreator,
  ) {}

  /** @throws MillraceError `SUBSCRIBER_REQUEST_SCOPED` */
  explore(): ChangeHandlerDefinition[] {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    // One instance may stand under several tokens; its handlers are its own.
    const seen = new Set<unknown>();
    return wrappers.flatMap((wrapper) => {
      const prototype = prototypeOf(wrapper);
      const isStatic = wrapper.isDependencyTreeStatic();
      if (!prototype || (isStatic && seen.has(wrapper.instance))) return [];
      if (isStatic) seen.add(wrapper.instance);
      return this.exploreMethods(wrapper, prototype);
    });
  }

  private exploreMethods(wrapper: ProviderWrapper, prototype: object): ChangeHandlerDefinition[] {
    const { name: owner } = prototype.constructor;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method: unknown = Reflect.get(prototype, name);
      const found = typeof method === 'function' ? readOnChangeMetadata(method) : [];
      const label = `${owner}.${name}`;
      if (found.length > 0 && !wrapper.isDependencyTreeStatic()) throw requestScoped(label);
      return found.map(({ target, options }) => ({
        target,
        options,
        label,
        defaultGroup: `${owner}-${name}`,
        handler: this.callThroughNest(wrapper.instance as Record<string, unknown>, name),
      }));
    });
  }

  // Without parameter metadata, Nest passes the arguments on as they are.
  private callThroughNest(instance: Record<string, unknown>, name: string): ChangeHandler {
    return this.contexts.create(
      instance,
      Reflect.get(instance, name) as (...args: unknown[]) => unknown,
      name,
      undefined,
      undefined,
      undefined,
      undefined,
      { guards: true, interceptors: true, filters: true },
      'change',
    );
  }
}

const prototypeOf = ({ instance, metatype }: ProviderWrapper): object | undefined => {
  // A request-scoped class has no instance yet, only its class.
  const found: unknown =
    typeof instance === 'object' && instance !== null
      ? Object.getPrototypeOf(instance)
      : typeof metatype === 'function'
        ? metatype.prototype
        : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
};

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
