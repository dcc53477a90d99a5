import {
  eventStreamName,
  mayFollowAll,
  mayInspect,
  mayPublish,
  mayPurge,
  mayRead,
  mayReadDirectly,
  Right,
} from '@millrace/core';
import { BucketDefinition } from '../bucket/bucket.definition.js';
import { contractsOf } from '../bucket/bucket.factory.js';
import { bucketStream, fenceSpace, inboxSpace, outboxFilter, valueSpace } from '../bucket/bucket.subjects.js';

/** To read, write, list and watch a bucket, and to commit the events that it declares. */
export const bucketRights = (definition: BucketDefinition): Right[] => {
  const { name } = definition;
  const stream = bucketStream(name);
  const label = `bucket '${name}'`;
  const contracts = contractsOf(definition);
  const contexts = [...new Set(contracts.map((contract) => contract.name.context))];
  return [
    mayInspect(stream, label),
    mayRead(stream, label),
    ...mayReadDirectly(stream, label),
    ...mayFollowAll(stream, label),
    mayPublish(valueSpace(name), label, 'write values'),
    mayPublish(inboxSpace(name), label, 'mark what was handled'),
    mayPublish(fenceSpace(name), label, 'keep fencing tokens'),
    ...contracts.map((contract) =>
      mayPublish(outboxFilter(name, contract.name), label, `commit ${contract.type}`),
    ),
    ...contexts.flatMap((context) => [
      mayInspect(eventStreamName(context), label),
      // What has arrived there is removed from the outbox.
      mayRead(eventStreamName(context), label),
      mayPurge(stream, label),
    ]),
  ];
};
