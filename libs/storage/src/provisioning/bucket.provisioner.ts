import {
  ContextSettings,
  MillraceConnection,
  provisionMissing,
  ProvisionMode,
  settingsFor,
  sourcedEventStream,
} from '@millrace/core';
import { BucketDefinition } from '../bucket/bucket.definition.js';
import { contractsOf } from '../bucket/bucket.factory.js';
import { bucketStream, contextOutbox, relayTarget } from '../bucket/bucket.subjects.js';
import { ReadFrom } from '../bucket/record.reader.js';
import { bucketStreamDeclaration } from './bucket.stream.js';

export interface ProvisionSettings {
  mode: ProvisionMode;
  /** How the event streams of contexts are kept, by context. */
  contexts: Readonly<Record<string, ContextSettings>>;
}

export interface ProvisionedBucket {
  /** Where reads must go to see what was written last. */
  readFrom: ReadFrom;
  /** How many revisions of a key the stream keeps. */
  history: number;
}

/**
 * Makes the bucket's stream, and the event streams that take from its outbox, agree with the declaration.
 * @throws MillraceError `PROVISION_CONFLICT`, `PROVISION_MISSING` or `PROVISION_FAILED`.
 */
export const provisionBucket = async (
  { streams }: MillraceConnection,
  definition: BucketDefinition,
  { mode, contexts }: ProvisionSettings,
): Promise<ProvisionedBucket> => {
  const { name } = definition;
  const stream = bucketStream(name);
  await streams.ensure(bucketStreamDeclaration(definition), mode);
  for (const context of new Set(contractsOf(definition).map((contract) => contract.name.context))) {
    const source = { stream, from: contextOutbox(name, context), to: relayTarget(context) };
    await streams.ensure(sourcedEventStream(context, source, settingsFor(contexts, context)), mode);
  }
  const info = await streams.patiently(() => streams.find(stream));
  if (!info) throw provisionMissing(`Stream ${stream}`);
  // A direct read of a replicated stream may be answered by a replica that is behind.
  const direct = info.config.allow_direct && info.config.num_replicas === 1;
  return { readFrom: direct ? 'any' : 'leader', history: info.config.max_msgs_per_subject };
};
