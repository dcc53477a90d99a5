import { HeaderMap, isServerHeader } from '@millrace/core';
import { DeadHeader, fromHeaderText } from './dead-letter.headers.js';

/** A message that its group could not handle. */
export interface DeadLetter {
  /** Its place in the stream of dead letters, as text. */
  id: string;
  /** `dead.<context>.<event>.<group>.<key>` */
  subject: string;
  group: string;
  cause: { name: string; code: string | undefined; message: string; stack: string | undefined };
  /** Deliveries used up. */
  attempts: number;
  /** Where the original lies. */
  original: { stream: string; sequence: number; subject: string; time: Date };
  deadAt: Date;
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
  return {
    id: String(sequence),
    subject,
    group: text(DeadHeader.Group),
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
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !isServerHeader(name))),
    body,
    bodyLeft: headers[DeadHeader.BodyLeft] === 'true',
  };
};
