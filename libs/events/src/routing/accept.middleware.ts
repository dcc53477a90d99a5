import { ACK, Middleware, REPLAY_GROUP } from '@millrace/delivery';
import { EventMessage } from './event.message.js';
import { ResolvedTarget, wants } from './subscription.target.js';

/** Whether its consumer delivers it but it is not meant for this group: another event, another's replay. */
export const isForOthers = (target: ResolvedTarget, message: EventMessage): boolean => {
  const replayFor = message.header(REPLAY_GROUP);
  if (replayFor !== undefined && replayFor !== message.group) return true;
  const { context, event } = message.subjectParts;
  return !wants(target, context, event);
};

/** Passes over what is not meant for this group. */
export const accept =
  (target: ResolvedTarget): Middleware<EventMessage> =>
  (next) =>
  (message) =>
    isForOthers(target, message) ? ACK : next(message);
