import { mayFollowAll, mayInspect, mayPublish, mayRead, Right } from '@millrace/core';
import { leaseSpace, leaseStream } from './lease.subjects.js';

/** To acquire, renew and release any lock of a bucket, and to wait for it. */
export const lockRights = (bucket: string): Right[] => {
  const stream = leaseStream(bucket);
  const label = `locks in '${bucket}'`;
  return [
    mayInspect(stream, label),
    mayRead(stream, label),
    ...mayFollowAll(stream, label),
    mayPublish(leaseSpace(bucket), label, 'hold and to wait'),
  ];
};
