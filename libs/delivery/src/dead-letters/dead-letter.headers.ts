import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { encodeAttribute, HeaderMap, HeaderName, isServerHeader, MillraceError } from '@millrace/core';
import { Delivery } from '../message/delivery.js';

/** What a dead letter's headers say beside those of the original. */
export const DeadHeader = {
  CauseName: 'Millrace-Dead-Cause-Name',
  CauseCode: 'Millrace-Dead-Cause-Code',
  CauseMessage: 'Millrace-Dead-Cause-Message',
  CauseStack: 'Millrace-Dead-Cause-Stack',
  Group: 'Millrace-Dead-Group',
  Attempts: 'Millrace-Dead-Attempts',
  Stream: 'Millrace-Dead-Stream',
  Sequence: 'Millrace-Dead-Sequence',
  Subject: 'Millrace-Dead-Subject',
  Time: 'Millrace-Dead-Time',
  /** The body was too large to be stored again with these headers; it is in the original stream. */
  BodyLeft: 'Millrace-Dead-Body-Left',
} as const;

const PREFIX = 'Millrace-Dead-';
const STACK_BYTES = 4096;

/** A replayed message carries the only group it is for; every other group passes over it. */
export const REPLAY_GROUP = 'Millrace-Replay-Group';
/** The dead letter that a replayed message was. */
export const REPLAY_OF = 'Millrace-Replay-Of';

/** Text on one line of ASCII: JSON's escapes, without the quotes. */
export const toHeaderText = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const fromHeaderText = (text: string): string => {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
};

// Cut before escaping would let the escapes grow past the bound; cut inside one would break it.
const cut = (escaped: string): string =>
  escaped.length <= STACK_BYTES ? escaped : escaped.slice(0, STACK_BYTES).replace(/\\(u[0-9a-f]{0,3})?$/, '');

/** How much of the cause to tell: a message near the server's limit has no room for all of it. */
export type CauseDetail = 'full' | 'brief';

// Few subclasses set their name.
const nameOf = ({ name, constructor }: Error): string => (name === 'Error' ? constructor.name : name);

const copyPassive = (from: HeaderMap, to: MsgHdrs): void => {
  for (const [name, value] of Object.entries(from)) {
    // A server header acts on whatever message it stands on.
    if (!isServerHeader(name) && !name.startsWith(PREFIX)) to.set(name, value);
  }
};

/** The headers of the dead letter of `message`. */
export const deadLetterHeaders = (message: Delivery, cause: Error, detail: CauseDetail): MsgHdrs => {
  const headers = createHeaders();
  copyPassive(message.headers, headers);
  headers.set(
    HeaderName.MessageId,
    encodeAttribute(`dead:${message.stream}:${message.sequence}:${message.group}`),
  );
  // So that a replay is the same event, also where the publisher gave it no id.
  const id = message.headers[HeaderName.Id] ?? message.headers[HeaderName.MessageId];
  headers.set(HeaderName.Id, id ?? `${message.stream}:${message.sequence}`);
  headers.set(DeadHeader.CauseName, toHeaderText(nameOf(cause)));
  if (cause instanceof MillraceError) headers.set(DeadHeader.CauseCode, cause.code);
  headers.set(DeadHeader.CauseMessage, cut(toHeaderText(cause.message)));
  if (detail === 'full' && cause.stack) headers.set(DeadHeader.CauseStack, cut(toHeaderText(cause.stack)));
  headers.set(DeadHeader.Group, message.group);
  headers.set(DeadHeader.Attempts, String(message.attempt));
  headers.set(DeadHeader.Stream, message.stream);
  headers.set(DeadHeader.Sequence, String(message.sequence));
  headers.set(DeadHeader.Subject, message.subject);
  headers.set(DeadHeader.Time, message.storedAt.toISOString());
  return headers;
};

/** The headers of the original, as a replay sends them: the same event, for one group. */
export const replayHeaders = (deadHeaders: HeaderMap, group: string, id: string): MsgHdrs => {
  const headers = createHeaders();
  copyPassive(deadHeaders, headers);
  headers.set(HeaderName.MessageId, `replay:${id}`);
  headers.set(REPLAY_GROUP, group);
  headers.set(REPLAY_OF, id);
  return headers;
};
