import {
  eventStreamName,
  mayInspect,
  mayPublish,
  mayPurge,
  mayReadBatches,
  patternFilter,
  Right,
} from '@millrace/core';
import { DELAYED_STREAM, pendingSubject } from '../publishing/delayed.stream.js';
import { DeclaredPublication } from '../publishing/publications.js';

/** To publish an event by the bus, and where it is delayed, to cancel it. */
export const publicationRights = ({ contract, delayed }: DeclaredPublication): Right[] => {
  const label = `event ${contract.type}`;
  const { context } = contract.name;
  return [
    mayInspect(eventStreamName(context), label),
    mayPublish(patternFilter(contract.name, context), label, 'publish it'),
    ...(delayed
      ? [
          mayInspect(DELAYED_STREAM, label),
          mayPublish(pendingSubject('*'), label, 'publish it later'),
          mayPurge(DELAYED_STREAM, label),
        ]
      : []),
  ];
};

/** To read the stored events of a context. */
export const readingRights = (context: string): Right[] => {
  const label = `reading ${context}`;
  return [mayInspect(eventStreamName(context), label), mayReadBatches(eventStreamName(context), label)];
};
