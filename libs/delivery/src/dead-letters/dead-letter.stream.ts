import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import {
  ContextSettings,
  Duration,
  explicitStreamConfig,
  StreamDeclaration,
  toMillis,
  toNanos,
} from '@millrace/core';

export const DEAD_LETTERS = 'DEAD_LETTERS';
export const DEAD_ROOT = 'dead';

// A message whose acknowledgement was lost is dead-lettered again when its ackWait ends: far within an hour.
export const DUPLICATE_WINDOW: Duration = '1h';

export type DeadLetterSettings = Pick<ContextSettings, 'replicas' | 'storage' | 'maxAge' | 'maxBytes'>;

const duplicateWindowMs = ({ maxAge }: DeadLetterSettings): number =>
  Math.min(
    toMillis(DUPLICATE_WINDOW),
    maxAge === undefined ? Infinity : toMillis(maxAge, 'deadLetters.maxAge'),
  );

/** The stream of dead letters. */
export const deadLetterStream = (settings: DeadLetterSettings = {}): StreamDeclaration => ({
  name: DEAD_LETTERS,
  initial: {
    description: 'Messages that a group could not handle, with their cause',
    subjects: [`${DEAD_ROOT}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: 1,
    allow_direct: true,
    duplicate_window: toNanos(duplicateWindowMs(settings)),
  },
  required: explicitStreamConfig(settings),
});
