import { mayPurge, Right } from '@millrace/core';
import {
  broadcastRights,
  consumerRights,
  deadLetterRights,
  handBackRights,
  inboxRights,
  rateRights,
} from '@millrace/delivery';
import { bucketStream } from '../bucket/bucket.subjects.js';
import { ResolvedChangeOptions } from '../changes/change.options.js';
import { changeDeadSubject, replayConsumer } from '../changes/change.places.js';

/** A change handler, as the server sees it. */
export interface ChangePlan {
  app: string;
  bucket: string;
  /** What its consumer takes. */
  filter: string;
  options: Pick<ResolvedChangeOptions, 'group' | 'mode' | 'rate' | 'inboxTtlMs'>;
}

/** To handle a bucket's changes. */
export const changeRights = ({ app, bucket, filter, options }: ChangePlan): Right[] => {
  const { group, mode, rate, inboxTtlMs } = options;
  const stream = bucketStream(bucket);
  const label = `group '${group}' of bucket '${bucket}'`;
  const consumers = mode === 'broadcast' ? ['*'] : [group, replayConsumer(group)];
  const places = consumers.map((consumer) => ({ stream, consumer, label }));
  return [
    ...(mode === 'broadcast'
      ? broadcastRights({ stream, label }, filter)
      : places.flatMap((place) => consumerRights(place))),
    ...places.flatMap((place) => handBackRights(place)),
    ...deadLetterRights(changeDeadSubject(bucket, group, '*'), label),
    ...(inboxTtlMs === undefined ? [] : inboxRights(stream, group, label)),
    ...(rate ? rateRights(app, stream, group) : []),
    // Replayed changes that were handled.
    mayPurge(stream, label),
  ];
};
