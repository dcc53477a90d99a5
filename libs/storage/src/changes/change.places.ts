import { DEAD_ROOT } from '@millrace/delivery';

/** The consumer of what is replayed to a group. */
export const replayConsumer = (group: string): string => `${group}-replay`;

/** `dead.kv.<bucket>.<group>.<key token>` */
export const changeDeadSubject = (bucket: string, group: string, keyToken: string): string =>
  `${DEAD_ROOT}.kv.${bucket}.${group}.${keyToken}`;
