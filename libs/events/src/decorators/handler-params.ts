import { handlerParams } from '@millrace/core';

/** The parameters of event handlers: `(event, message)`. */
export const eventParams = handlerParams('@millrace/events:params');

/** Gives a handler's parameter the `EventMessage`: subject, key, headers, attempt, signal and the rest. */
export const Context = (): ParameterDecorator => eventParams.context();
