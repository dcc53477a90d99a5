import {
  mayFollow,
  mayFollowAll,
  mayInspect,
  mayPublish,
  mayPurge,
  mayRead,
  mayReadDirectly,
  Right,
} from '@millrace/core';
import { blobSpaces, blobStream } from '../blobs/blob.subjects.js';

/** To store and read large values. */
export const blobRights = (name: string): Right[] => {
  const stream = blobStream(name);
  const label = `blobs '${name}'`;
  return [
    mayInspect(stream, label),
    mayRead(stream, label),
    ...mayReadDirectly(stream, label),
    ...mayFollowAll(stream, label),
    ...blobSpaces(name).flatMap((space) => [
      mayPublish(space, label, 'write'),
      ...mayFollow(stream, space, label).slice(0, 1),
    ]),
    mayPurge(stream, label),
  ];
};
