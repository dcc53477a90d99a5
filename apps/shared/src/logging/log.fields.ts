import { AsyncLocalStorage } from 'node:async_hooks';
import { traceIdOf } from '@millrace/core';
import { commandInHand } from '@millrace/commands';
import { currentMessage, parentTrace } from '@millrace/delivery';
import { EventMessage } from '@millrace/events';

/** What a line of the log is about. Identifiers only: nothing that is protected can be among them. */
export interface LogFields {
  traceId?: string;
  requestId?: string;
  orderId?: string;
  userId?: string;
}

const IDS = ['orderId', 'userId'] as const;
/** Whoever sends an email where an id belongs is not to find it in a log, nor a line break. */
const ID = /^[\w.:-]{1,64}$/;

const requests = new AsyncLocalStorage<LogFields>();

/** Runs `task` with fields for all lines that are logged meanwhile. */
export const withLogFields = <T>(fields: LogFields, task: () => T): T => requests.run({ ...fields }, task);

/** Adds the ids of what an HTTP request turns out to be about. */
export const noteInLog = (source: unknown): void => {
  const fields = requests.getStore();
  if (fields) Object.assign(fields, idsOf(source));
};

/** What is known of the work that the running code belongs to: an event, a command, or an HTTP request. */
export const logFields = (): LogFields => {
  const message = currentMessage();
  const traceId = traceIdOf(parentTrace());
  return {
    ...(traceId === undefined ? {} : { traceId }),
    ...requests.getStore(),
    ...(message instanceof EventMessage ? idsOf(message.event) : {}),
    ...idsOf(commandInHand()),
  };
};

const idsOf = (source: unknown): Pick<LogFields, (typeof IDS)[number]> => {
  if (typeof source !== 'object' || source === null) return {};
  const found = IDS.map((name) => [name, Reflect.get(source, name)] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === 'string' && ID.test(value)));
};
