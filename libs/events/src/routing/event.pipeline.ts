import { ContractRegistry, MillraceConnection } from '@millrace/core';
import {
  compose,
  GroupControl,
  Handler,
  InboxStore,
  logging,
  MessageInbox,
  Middleware,
  once,
  timeout,
} from '@millrace/delivery';
import { ContextProvisioner } from '../provisioning/context.provisioner.js';
import { accept } from './accept.middleware.js';
import { ContractResolver, decode, resolveAmong } from './decode.middleware.js';
import { EventMessage } from './event.message.js';
import { EventsPlugins } from './events.plugins.js';
import { ResolvedOptions } from './subscription.options.js';
import { ResolvedTarget } from './subscription.target.js';

export interface PipelineParts {
  connection: MillraceConnection;
  registry: ContractRegistry;
  contexts: ContextProvisioner;
  plugins: EventsPlugins;
  target: ResolvedTarget;
  options: ResolvedOptions;
  control: GroupControl;
}

/** Everything around a handler, outermost first. Retry and inward count as the attempt. */
export const eventPipeline = (
  parts: PipelineParts,
  handler: Handler<EventMessage>,
): Handler<EventMessage> => {
  const { connection, plugins, target, options, control } = parts;
  const { timeoutMs } = options;
  const middlewares: Middleware<EventMessage>[] = [
    accept(target),
    ...onceOf(parts),
    logging(connection.log),
    // Composed at the first event: plugins may still be added while modules start.
    (next) => lazily(() => withPlugins(plugins.middleware, next)),
    control.retry<EventMessage>(),
    decode(connection.codec, resolverFor(parts)),
    ...control.watch<EventMessage>(),
    ...(timeoutMs === undefined ? [] : [timeout<EventMessage>(timeoutMs, connection.clock)]),
  ];
  return compose<Handler<EventMessage>>(middlewares, handler);
};

const onceOf = ({ connection, contexts, options }: PipelineParts): Middleware<EventMessage>[] => {
  const { inboxTtlMs: ttlMs, ackWaitMs } = options;
  if (ttlMs === undefined) return [];
  const store = new InboxStore(connection, () => contexts.restoreInbox());
  return [once({ inbox: new MessageInbox(connection, store, ackWaitMs), ttlMs, idOf: ({ id }) => id })];
};

const resolverFor = ({ target: { contracts }, registry }: PipelineParts): ContractResolver => {
  if (contracts.length > 0) return resolveAmong(contracts);
  return ({ type, version }) => registry.find(type, version);
};

// What others write may go on with the outcome as with any promise, whatever is at once inside.
const withPlugins = <M>(plugins: readonly Middleware<M>[], next: Handler<M>): Handler<M> =>
  plugins.length === 0 ? next : compose<Handler<M>>(plugins, async (message) => next(message));

const lazily = <M>(create: () => Handler<M>): Handler<M> => {
  let handler: Handler<M> | undefined;
  return (message) => (handler ??= create())(message);
};
