import 'reflect-metadata';

/** What a handler's parameter can be given: what it handles, or the message around that. */
export const HandlerParam = { Payload: 0, Context: 1 } as const;

type ParamsMetadata = Record<string, { index: number; data: undefined; pipes: [] }>;

/** The parameters of one kind of handler, recorded in the form that Nest's `ExternalContextCreator` reads. */
export interface HandlerParams {
  /** Where they are recorded. */
  readonly key: string;
  /** Gives the first parameter the payload, unless a decorator claimed it for something else. */
  ensurePayload(target: object, property: string | symbol): void;
  /** Gives a parameter the context. */
  context(): ParameterDecorator;
  /** What each of a method's parameters gets, in their order: an index of the arguments, or nothing. */
  kindsOf(target: object, property: string | symbol): readonly (number | undefined)[];
  /** Takes a parameter from the arguments `(payload, context)` of a handler. */
  readonly factory: {
    exchangeKeyForValue(kind: number, data: unknown, args: readonly unknown[]): unknown;
  };
}

/** @param key metadata key, as in `@millrace/events:params`. */
export const handlerParams = (key: string): HandlerParams => {
  const read = (target: object, property: string | symbol): ParamsMetadata =>
    (Reflect.getMetadata(key, target, property) as ParamsMetadata | undefined) ?? {};
  const record = (
    target: object,
    property: string | symbol,
    { kind, index }: { kind: number; index: number },
  ): void => {
    const metadata = {
      ...read(target, property),
      [`${kind}:${index}`]: { index, data: undefined, pipes: [] },
    };
    Reflect.defineMetadata(key, metadata, target, property);
  };
  return {
    key,
    ensurePayload: (target, property) => {
      const claimed = Object.values(read(target, property)).some(({ index }) => index === 0);
      if (!claimed) record(target, property, { kind: HandlerParam.Payload, index: 0 });
    },
    context: () => (prototype, property, index) => {
      if (property === undefined) throw new TypeError('@Context() decorates parameters of methods');
      record(prototype.constructor, property, { kind: HandlerParam.Context, index });
    },
    kindsOf: (target, property) => {
      const kinds: (number | undefined)[] = [];
      for (const [name, { index }] of Object.entries(read(target, property))) kinds[index] = kindIn(name);
      return Array.from(kinds);
    },
    factory: { exchangeKeyForValue: (kind, _data, args) => args[kind] },
  };
};

/** The kind in the name of a record, which is what Nest reads it from, too. */
const kindIn = (name: string): number => Number.parseInt(name, 10);
