import { ACK, Middleware, REPLAY_GROUP } from '@millrace/delivery';
import { EventMessage } from './event.message.js';
import { ResolvedTarget, wants } from './subscription.target.js';

/** Passes over what its consumer delivers but is not meant for this group: other events, others' replays. */
export const accept =
  (target: ResolvedTarget): Middleware<EventMessage> =>
  (next) =>
  (message) => {
    const replayFor = message.headers[REPLAY_GROUP];
    if (replayFor !== undefined && replayFor !== message.group) return Promise.resolve(ACK);
    const { context, event } = message.subjectParts;
    return wants(target, context, event) ? next(message) : Promise.resolve(ACK);
  };
