import { DiscoveryService, MetadataScanner } from '@nestjs/core';

type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A provider or controller, as an explorer looks for decorators on it. */
export interface DiscoveredProvider {
  /** Not to be called where {@link isStatic} is false: it belongs to a request, or is not there yet. */
  readonly instance: object;
  readonly prototype: object;
  /** The class's name, as shown in errors. */
  readonly className: string;
  /** Whether one instance serves the whole application. */
  readonly isStatic: boolean;
}

/** Every provider and controller of the application. An instance that stands under several tokens comes once. */
export const discoverProviders = (discovery: DiscoveryService): DiscoveredProvider[] => {
  const seen = new Set<unknown>();
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) => {
    const prototype = prototypeOf(wrapper);
    const isStatic = wrapper.isDependencyTreeStatic();
    if (!prototype || (isStatic && seen.has(wrapper.instance))) return [];
    if (isStatic) seen.add(wrapper.instance);
    const { name: className } = prototype.constructor;
    return [{ instance: wrapper.instance as object, prototype, className, isStatic }];
  });
};

/** A provider's methods, inherited ones included. */
export const methodsOf = (
  scanner: MetadataScanner,
  { prototype }: DiscoveredProvider,
): { name: string; method: object }[] =>
  scanner.getAllMethodNames(prototype).flatMap((name) => {
    const method: unknown = Reflect.get(prototype, name);
    return typeof method === 'function' ? [{ name, method }] : [];
  });

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
