import { CHANGE_KINDS, ChangeKind } from './change.js';

const REPLAY_ROOT = 'replay';

/** Every replayed change of a bucket. */
export const replaySpace = (bucket: string): string => `${REPLAY_ROOT}.${bucket}.>`;

/** The replayed changes of one group. */
export const replayFilter = (bucket: string, group: string): string =>
  `${REPLAY_ROOT}.${bucket}.${group}.*.*.*`;

export interface ReplayedChange {
  bucket: string;
  group: string;
  keyToken: string;
  /** Told here, since the server's header that tells of an expiry cannot be sent by a client. */
  kind: ChangeKind;
  revision: number;
}

export const replaySubject = ({ bucket, group, keyToken, kind, revision }: ReplayedChange): string =>
  `${REPLAY_ROOT}.${bucket}.${group}.${keyToken}.${kind}.${revision}`;

/** `undefined` for any other subject. */
export const parseReplaySubject = (subject: string): ReplayedChange | undefined => {
  const [root, bucket = '', group = '', keyToken = '', kind = '', revision, ...others] = subject.split('.');
  const known = CHANGE_KINDS.find((name) => name === kind);
  if (root !== REPLAY_ROOT || !known || others.length > 0) return undefined;
  return { bucket, group, keyToken, kind: known, revision: Number(revision) };
};
