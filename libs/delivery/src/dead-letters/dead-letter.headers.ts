import { createHash } from 'node:crypto';
import { headers as createHeaders, MsgHdrs } from '@nats-io/transport-node';
import { encodeAttribute, HeaderMap, HeaderName, isServerHeader, MillraceError } from '@millrace/core';
import { DeadMessage, headersOf } from './dead-message.js';

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
/** How often the event has been replayed by now. */
export const REPLAYS = 'Millrace-Replays';
/** `true` where the body of a replay, this one or an earlier, is not the publisher's. */
export const REPLAY_EDITED = 'Millrace-Replay-Edited';

/** Text on one line of ASCII: JSON's escapes, without the quotes. */
export const toHeaderText = (text: unknown): string =>
  // What is thrown may be an error whose message is no text at all.
  JSON.stringify(String(text))
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const fromHeaderText = (text: string): string => {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
};

const ESCAPE = /\\u[0-9a-f]{4}|\\[^u]|[^\\]/gy;
const HIGH_SURROGATE = /^\\ud[89ab]/;

// Cut before escaping would let the escapes grow past the bound; cut inside one would break it.
const cut = (escaped: string): string => {
  if (escaped.length <= STACK_BYTES) return escaped;
  const whole = escaped.slice(0, STACK_BYTES).match(ESCAPE) ?? [];
  // Half a character at the end is none.
  if (HIGH_SURROGATE.test(whole.at(-1) ?? '')) whole.pop();
  return whole.join('');
};

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
export const deadLetterHeaders = (message: DeadMessage, cause: Error, detail: CauseDetail): MsgHdrs => {
  const headers = createHeaders();
  const original = headersOf(message);
  copyPassive(original, headers);
  // With the time: a stream made anew counts from 1 again.
  const place = `${message.stream}:${message.sequence}:${message.storedAt.getTime()}`;
  headers.set(HeaderName.MessageId, encodeAttribute(`dead:${place}:${message.group}`));
  // So that a replay is the same event, also where the publisher gave it no id.
  const id = original[HeaderName.Id] ?? original[HeaderName.MessageId];
  headers.set(HeaderName.Id, id ?? `${message.stream}:${message.sequence}`);
  headers.set(DeadHeader.CauseName, toHeaderText(nameOf(cause)));
  if (cause instanceof MillraceError) headers.set(DeadHeader.CauseCode, cause.code);
  headers.set(DeadHeader.CauseMessage, cut(toHeaderText(cause.message)));
  if (detail === 'full' && cause.stack) headers.set(DeadHeader.CauseStack, cut(toHeaderText(cause.stack)));
  headers.set(DeadHeader.Group, message.group);
  headers.set(DeadHeader.Attempts, String(message.attempt));
  headers.set(DeadHeader.Stream, message.stream);
  headers.set(DeadHeader.Sequence, String(message.sequence));
  headers.set(DeadHeader.Subject, toHeaderText(message.subject));
  headers.set(DeadHeader.Time, message.storedAt.toISOString());
  return headers;
};

/** How often the event of these headers has been replayed. */
export const replaysOf = (headers: HeaderMap): number => {
  const count = Number(headers[REPLAYS] ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
};

export interface ReplayedLetter {
  id: string;
  group: string;
  headers: HeaderMap;
}

/**
 * The headers of the original, as a replay sends them: the same event, for one group.
 * @param body where it is not the original's.
 */
export const replayHeaders = ({ id, group, headers: dead }: ReplayedLetter, body?: Uint8Array): MsgHdrs => {
  const headers = createHeaders();
  copyPassive(dead, headers);
  // With the original's place: a stream of dead letters made anew counts from 1 again.
  const place = [DeadHeader.Stream, DeadHeader.Sequence, DeadHeader.Time].map((name) => dead[name]);
  // Another body is another message: the server must not take it for the one that was tried before.
  const edited = body ? [createHash('sha256').update(body).digest('base64url')] : [];
  headers.set(HeaderName.MessageId, encodeAttribute(['replay', id, ...place, group, ...edited].join(':')));
  headers.set(REPLAY_GROUP, group);
  headers.set(REPLAY_OF, id);
  headers.set(REPLAYS, String(replaysOf(dead) + 1));
  if (body) headers.set(REPLAY_EDITED, 'true');
  return headers;
};
