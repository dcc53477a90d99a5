import 'reflect-metadata';

/** Where the parameters of handlers are recorded, in the form that Nest's `ExternalContextCreator` reads. */
export const HANDLER_PARAMS = '@millrace/events:params';

/** What a handler's parameter can be given. */
export const HandlerParam = { Payload: 0, Context: 1 } as const;

type ParamsMetadata = Record<string, { index: number; data: undefined; pipes: [] }>;

const read = (target: object, property: string | symbol): ParamsMetadata =>
  (Reflect.getMetadata(HANDLER_PARAMS, target, property) as ParamsMetadata | undefined) ?? {};

const recordParam = (
  target: object,
  property: string | symbol,
  { kind, index }: { kind: number; index: number },
): void => {
  const metadata = { ...read(target, property), [`${kind}:${index}`]: { index, data: undefined, pipes: [] } };
  Reflect.defineMetadata(HANDLER_PARAMS, metadata, target, property);
};

/** Gives the first parameter the event, unless a decorator claimed it for something else. */
export const ensurePayloadParam = (target: object, property: string | symbol): void => {
  const claimed = Object.values(read(target, property)).some(({ index }) => index === 0);
  if (!claimed) recordParam(target, property, { kind: HandlerParam.Payload, index: 0 });
};

/** Gives a handler's parameter the `EventMessage`: subject, key, headers, attempt, signal and the rest. */
export const Context = (): ParameterDecorator => (prototype, property, index) => {
  if (property === undefined) throw new TypeError('@Context() decorates parameters of methods');
  recordParam(prototype.constructor, property, { kind: HandlerParam.Context, index });
};

/** Takes a parameter from the arguments `(event, message)` of a handler. */
export const handlerParamsFactory = {
  exchangeKeyForValue: (kind: number, _data: unknown, args: readonly unknown[]): unknown => args[kind],
};
