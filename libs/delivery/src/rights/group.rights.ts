import {
  mayConsume,
  mayDeleteMessages,
  mayFollow,
  mayInspect,
  mayPause,
  mayPublish,
  mayRead,
  mayReadBatches,
  Right,
} from '@millrace/core';
import { advisoryDeadSubject, ADVISORIES } from '../dead-letters/advisory.stream.js';
import { DEAD_LETTERS } from '../dead-letters/dead-letter.stream.js';
import { GROUPS, handBackSubject, rateSubject } from '../group/group.stream.js';
import { INBOX, inboxFilter } from '../inbox/inbox.stream.js';

/** Messages that an application takes from a stream. */
export interface ConsumedPlace {
  stream: string;
  consumer: string;
  /** As in the reasons: `group 'receipts'`. */
  label: string;
}

/** To take the messages of a consumer that exists. */
export const consumerRights = ({ stream, consumer, label }: ConsumedPlace): Right[] => [
  mayInspect(stream, label),
  ...mayConsume(stream, consumer, label),
  mayPause(stream, consumer, label),
];

/** To take messages by a consumer that each replica makes for itself. */
export const broadcastRights = (
  { stream, label }: Omit<ConsumedPlace, 'consumer'>,
  filter: string,
): Right[] => [mayInspect(stream, label), ...mayFollow(stream, filter, label)];

/** To store dead letters, once each. @param subject of them, with wildcards. */
export const deadLetterRights = (subject: string, label: string): Right[] => [
  mayInspect(DEAD_LETTERS, label),
  mayPublish(subject, label, 'store dead letters'),
  // An older one of the same message is looked for.
  mayReadBatches(DEAD_LETTERS, label),
];

/** To note which messages went back unhandled. */
export const handBackRights = ({ stream, consumer, label }: ConsumedPlace): Right[] => [
  mayInspect(GROUPS, label),
  mayRead(GROUPS, label),
  mayPublish(handBackSubject(stream, consumer, '*'), label, 'note what goes back unhandled'),
];

/** To keep to a rate over all replicas. */
export const rateRights = (app: string, scope: string, group: string): Right[] => [
  mayPublish(rateSubject(app, scope, group), `group '${group}'`, 'keep to its rate'),
];

/** To handle each message once. */
export const inboxRights = (stream: string, group: string, label: string): Right[] => [
  mayInspect(INBOX, label),
  mayRead(INBOX, label),
  mayDeleteMessages(INBOX, label),
  mayPublish(inboxFilter(stream, group), label, 'claim messages'),
];

/** To look after what the server gives up. @param streams where that lies */
export const advisoryRights = (consumer: string, streams: readonly string[]): Right[] => {
  const label = 'advisories';
  return [
    ...consumerRights({ stream: ADVISORIES, consumer, label }),
    ...deadLetterRights(advisoryDeadSubject(consumer), label),
    ...streams.map((stream) => mayRead(stream, label)),
  ];
};
