import { MillraceConnection, PublishError, systemClock } from '@millrace/core';
import { ConditionalPublisher } from './conditional.publisher.js';
import { FencedWriter } from './fenced.writer.js';
import { KeyWriter, Refusal } from './key.writer.js';
import { RevisionConflictError } from './storage.errors.js';
import { StoredRecord } from './stored.record.js';

const writer = (): KeyWriter => {
  const connection = { clock: systemClock, publisher: { deadlineMs: 1 } } as MillraceConnection;
  const options = { bucket: 'users', history: 1, markerTtlMs: 1000 };
  return new KeyWriter(connection, {} as ConditionalPublisher, {} as FencedWriter, options);
};

const givenUpOn = (newest: Partial<StoredRecord> | undefined): Promise<unknown> => {
  const refusal = { key: 'ann', expected: 0, newest, cause: undefined } as Refusal;
  return writer()
    .untilStored(() => Promise.resolve({ kind: 'conflict', ...refusal }))
    .catch((error: unknown) => error);
};

describe('a write that is given up', () => {
  it('is a conflict with the value that came first', async () => {
    const error = await givenUpOn({ revision: 3, isMarker: false });
    expect(error).toBeInstanceOf(RevisionConflictError);
    expect(error).toMatchObject({ expected: 0, found: 3 });
  });

  it.each([
    ['nothing', undefined],
    ['a deletion', { revision: 3, isMarker: true }],
  ])('is not refused for a value where the key has %s', async (_, newest) => {
    const error = await givenUpOn(newest);
    expect(error).toBeInstanceOf(PublishError);
    expect(error).toMatchObject({ code: 'PUBLISH_TIMEOUT', mayBeStored: false });
  });
});
