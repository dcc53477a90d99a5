import { decodeAttribute, HeaderMap, HeaderName, isServerHeader, tokenMatchesKey } from '@millrace/core';
import { DeadHeader, fromHeaderText, replaysOf } from './dead-letter.headers.js';
import { keyOfToken, parseDeadSubject } from './dead-letter.subject.js';

/** A message that its group could not handle. */
export interface DeadLetter {
  /** Its place in the stream of dead letters, as text. */
  id: string;
  /** `dead.<context>.<event>.<group>.<key>` */
  subject: string;
  /** `kv` for a change of a bucket. */
  context: string;
  /** Without its context, as in `paid`; the bucket's name for a change. */
  event: string;
  group: string;
  /** `undefined` where the event has none. */
  key: string | undefined;
  cause: { name: string; code: string | undefined; message: string; stack: string | undefined };
  /** Deliveries used up. */
  attempts: number;
  /** Where the original lies. */
  original: { stream: string; sequence: number; subject: string; time: Date };
  deadAt: Date;
  /** How often the event had been replayed before. */
  replays: number;
  /** The original's headers and what {@link DeadHeader} adds. */
  headers: HeaderMap;
  /** The original's body; empty where `bodyLeft`. */
  body: Uint8Array;
  /** The body was too large to be stored again: it is only in the original's stream. */
  bodyLeft: boolean;
}

export interface StoredDeadLetter {
  subject: string;
  sequence: number;
  headers: HeaderMap;
  body: Uint8Array;
  time: Date;
}

/** A dead letter from its stored form. */
export const readDeadLetter = ({ subject, sequence, headers, body, time }: StoredDeadLetter): DeadLetter => {
  const text = (name: string): string => fromHeaderText(headers[name] ?? '');
  const { context, event, keyToken } = parseDeadSubject(subject);
  return {
    id: String(sequence),
    subject,
    context,
    event,
    group: text(DeadHeader.Group),
    key: keyOf(keyToken, headers),
    cause: {
      name: text(DeadHeader.CauseName),
      code: headers[DeadHeader.CauseCode],
      message: text(DeadHeader.CauseMessage),
      stack: headers[DeadHeader.CauseStack] === undefined ? undefined : text(DeadHeader.CauseStack),
    },
    attempts: Number(headers[DeadHeader.Attempts] ?? 0),
    original: {
      stream: text(DeadHeader.Stream),
      sequence: Number(headers[DeadHeader.Sequence] ?? 0),
      subject: text(DeadHeader.Subject),
      time: new Date(headers[DeadHeader.Time] ?? 0),
    },
    deadAt: time,
    replays: replaysOf(headers),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !isServerHeader(name))),
    body,
    bodyLeft: headers[DeadHeader.BodyLeft] === 'true',
  };
};

// A hashed token does not tell its key, but the event's header may.
const keyOf = (token: string, headers: HeaderMap): string | undefined => {
  const said = decodeAttribute(headers[HeaderName.Subject] ?? '');
  return tokenMatchesKey(token, said) ? said : keyOfToken(token);
};
